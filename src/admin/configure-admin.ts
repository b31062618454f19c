import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { CONFIG, type Config } from '../config/environment';
import { serveOpenApi } from './openapi/openapi-pages';

/** Largest body of a request: a PKCS #12 file with its chain in base64 has room in it. */
const BODY_LIMIT = '1mb';

/**
 * Sets up what stands before the routes of the administrators' listener.
 *
 * @param application created with `bodyParser: false`, not initialised yet
 */
export function configureAdmin(application: NestExpressApplication): void {
  const { adminTls } = application.get<Config>(CONFIG);
  application.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          // Swagger's page sets styles on elements.
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Over plain HTTP it would lock people out of whatever else runs under this name.
      strictTransportSecurity: adminTls !== undefined,
    }),
  );
  // What is answered is for the administrator alone, and changes.
  application.use(
    '/api/v1',
    (_request: unknown, response: { setHeader(name: string, value: string): void }, next: () => void) => {
      response.setHeader('Cache-Control', 'no-store');
      next();
    },
  );
  application.set('etag', false);
  application.useBodyParser('json', { limit: BODY_LIMIT, inflate: false });
  serveOpenApi(application);
}
