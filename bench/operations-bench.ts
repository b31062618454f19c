import { prepareAlias, withGateway } from './bench-target';
import { measureMessages, type MessageFigures } from './message-bench';
import type { BenchOptions } from './options';
import { measureQueries, type QueryBenchFigures } from './query-bench';
import { measureRsaRate } from './rsa-bound';

/** What a run gave. */
export interface OperationsFigures extends QueryBenchFigures {
  /** PKCSReq first. */
  readonly messages: readonly MessageFigures[];
  /** RSA-2048 private operations per second on all cores, before and after the messages. */
  readonly rsaRate: { readonly before: number; readonly after: number };
}

// Whoever has just enrolled may renew.
const SETTINGS = { renewal: { window: '100%' } };

/**
 * Measures the operations besides the first enrolment: messages against what RSA allows and against PKCSReq, queries
 * against a server that only answers.
 *
 * @param say told what is going on
 */
export function measureOperations(options: BenchOptions, say: (text: string) => void): Promise<OperationsFigures> {
  return withGateway(options, say, async (target) => {
    await prepareAlias(target.api, SETTINGS);
    const queries = await measureQueries(target, options, say);
    say('measuring RSA');
    const before = await measureRsaRate();
    const messages = await measureMessages(target, options, say);
    say('measuring RSA');
    const after = await measureRsaRate();
    return { ...queries, messages, rsaRate: { before, after } };
  });
}
