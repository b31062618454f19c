import type { INestApplication, Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { ApiPropertyOptions, OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_TYPE } from '../problem';
import { descriptionOf, record, text, listOf, integer, type Answer, type Schema } from './documented';
import { inputFields, type InputClass, type InputField } from './input-schema';

type Swagger = typeof import('@nestjs/swagger');

const PROBLEM: Schema = {
  ...record({ type: text, title: text, status: integer, detail: text }),
  properties: {
    type: text,
    title: text,
    status: integer,
    detail: text,
    explanation: text,
    errors: listOf(record({ field: text, message: text })),
  },
};

/**
 * The OpenAPI document of the REST interface, made from the controllers: inputs from the rules that check them, answers
 * from what `Documented` says. Swagger is loaded here and not before, for it would make each start slower.
 *
 * @param application initialised
 */
export async function openApiDocument(application: INestApplication): Promise<OpenAPIObject> {
  const swagger = await import('@nestjs/swagger');
  const answers = new Map<string, Answer>();
  const inputs = new Set<InputClass>();
  for (const { metatype } of application.get(DiscoveryService).getControllers())
    if (typeof metatype === 'function') describeController(swagger, metatype as Type, answers, inputs);
  const configuration = new swagger.DocumentBuilder()
    .setTitle('scep-gateway')
    .setDescription('Administration of the SCEP gateway. Errors are problems (RFC 9457), lists come in pages.')
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  const document = swagger.SwaggerModule.createDocument(application, configuration);
  const schemas = { ...document.components?.schemas, Problem: PROBLEM } as Record<string, unknown>;
  for (const { name, properties } of answers.values()) schemas[name] = record(properties);
  return { ...document, components: { ...document.components, schemas: schemas as never } };
}

function describeController(
  swagger: Swagger,
  controller: Type,
  answers: Map<string, Answer>,
  inputs: Set<InputClass>,
): void {
  const prototype = controller.prototype as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler = prototype[name];
    if (typeof handler !== 'function' || name === 'constructor') continue;
    const description = descriptionOf(handler);
    if (description === undefined) continue;
    const { summary, status, answer } = description;
    if (answer !== undefined) answers.set(answer.name, answer);
    const types = (Reflect.getMetadata('design:paramtypes', prototype, name) ?? []) as unknown[];
    for (const type of types) if (typeof type === 'function') describeInput(swagger, type as InputClass, inputs);
    const decorators = [
      swagger.ApiOperation({ summary }),
      swagger.ApiResponse({ status, ...contentOf(answer) }),
      swagger.ApiResponse({
        status: 'default',
        description: 'A problem',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      } as never),
    ];
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    for (const decorate of decorators) decorate(prototype, name, descriptor);
  }
}

function contentOf(answer: Answer | undefined): object {
  if (answer === undefined) return { description: 'Done' };
  const form: Schema = { $ref: `#/components/schemas/${answer.name}` };
  const page = record({ items: listOf(form), nextCursor: { type: 'string', nullable: true } });
  return {
    description: answer.isPage === true ? `A page of the list of ${answer.name}` : answer.name,
    content: { 'application/json': { schema: answer.isPage === true ? page : form } },
  };
}

function describeInput(swagger: Swagger, type: InputClass, seen: Set<InputClass>): void {
  if (seen.has(type)) return;
  seen.add(type);
  for (const field of inputFields(type)) {
    if (typeof field.type === 'function') describeInput(swagger, field.type, seen);
    swagger.ApiProperty(optionsOf(field))(type.prototype as object, field.name);
  }
}

function optionsOf(field: InputField): ApiPropertyOptions {
  const { type, ...rest } = { ...field, name: undefined };
  if (typeof type === 'function') return { ...rest, type: () => type };
  return { ...rest, type: type === 'object' ? Object : type };
}
