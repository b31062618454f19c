import { dirname } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { static as serveFiles, type NextFunction, type Request, type Response } from 'express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { openApiDocument } from './openapi-document';

const DOCUMENT_PATH = '/api/openapi.json';
const DOCS_PATH = '/api/docs';

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>scep-gateway API</title>
<link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css"></head>
<body><div id="ui"></div>
<script src="${DOCS_PATH}/swagger-ui-bundle.js"></script>
<script src="${DOCS_PATH}/start.js"></script></body>
</html>
`;

// A file of its own: the content security policy allows no script within a page.
const START = `SwaggerUIBundle({ url: '${DOCUMENT_PATH}', dom_id: '#ui' });\n`;

/**
 * Serves the OpenAPI document and a page to read it with. Neither holds anything secret, so neither asks for a token.
 * Both are made at the first request.
 */
export function serveOpenApi(application: NestExpressApplication): void {
  application.use(DOCUMENT_PATH, documentPage(application));
  application.use(DOCS_PATH, docsPage());
}

type Page = (request: Request, response: Response, next: NextFunction) => void;

function documentPage(application: INestApplication): Page {
  let document: Promise<OpenAPIObject> | undefined;
  return (request, response, next) => {
    if (!isRead(request) || request.path !== '/') {
      next();
      return;
    }
    document ??= openApiDocument(application);
    document.then((content) => response.json(content), next);
  };
}

function docsPage(): Page {
  let files: ReturnType<typeof serveFiles> | undefined;
  return (request, response, next) => {
    if (!isRead(request)) next();
    else if (request.path === '/') response.type('html').send(PAGE);
    else if (request.path === '/start.js') response.type('js').send(START);
    else if (/^\/swagger-ui[a-z-]*\.(?:css|js)$/.test(request.path)) {
      files ??= serveFiles(swaggerUiDirectory(), { index: false });
      files(request, response, next);
    } else next();
  };
}

const isRead = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

const swaggerUiDirectory = (): string => dirname(require.resolve('swagger-ui-dist/package.json'));
