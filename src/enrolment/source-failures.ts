/**
 * SQL condition: no wrong challenge of this source was counted against the alias since the request was judged. Parameters
 * `:aliasId`, `:source` and `:judgedSourceFailures`, which is null where a challenge has no say.
 */
export const NO_MORE_SOURCE_FAILURES = `(:judgedSourceFailures::integer is null or :judgedSourceFailures = coalesce((
      select failures from alias_failed_attempts where alias_id = :aliasId and source = :source), 0))`;
