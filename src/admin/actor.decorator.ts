import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** A request whose bearer token was right. */
export interface AuthenticatedRequest extends Request {
  /** Who it is, for the audit log. */
  actor?: string;
}

/** Injects who makes the request, for the audit log. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { actor } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (actor === undefined) throw new Error('this route is not behind the guard');
  return actor;
});
