/**
 * Whether the server itself said that it did not do what it was asked: an error with an SQLSTATE that does not end the
 * session. Then nothing of the statement remains. Anything else (connection lost, server shutting down, no answer in
 * time) leaves open whether a write was committed: the answer may have been lost rather than the question.
 *
 * Classes that count as open: 08 connection exception, 57P session ended by the server, 40003 completion unknown, 58
 * and XX trouble inside the server, during which a commit may have reached the disk (PostgreSQL manual, appendix A).
 */
export function serverSaidNo(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && !/^(08|57P|40003|58|XX)/.test(state);
}

/** The SQLSTATE of an error the server sent, directly or wrapped by TypeORM. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  // Node's EPIPE has the shape of an SQLSTATE, but no class of these begins with E.
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
