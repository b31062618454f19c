import { type Authority, type FormerGeneration, generationsOf } from './authority';

/**
 * The generations whose certificates stand on one CRL, with `generation` among them. Whoever uses a CRL knows its issuer by
 * name and key (RFC 5280 sections 5.2.1 and 6.3.3), and takes the CRL of one generation for that of another where a
 * rollover has kept both: so these have one CRL together, with one sequence of numbers.
 */
export function crlScope(authority: Authority, generation: FormerGeneration): FormerGeneration[] {
  const { publicKey, subject } = generation.certificate;
  const others = generationsOf(authority).filter(
    ({ id, certificate }) =>
      id !== generation.id && certificate.publicKey.equals(publicKey) && certificate.subject.equals(subject),
  );
  return [generation, ...others];
}

/** Of each CRL that an authority issues the generation that does: the one that ends last. The current generation's first. */
export function crlIssuers(authority: Authority): FormerGeneration[] {
  const issuers = generationsOf(authority).map((generation) =>
    crlScope(authority, generation).reduce((a, b) => (endsAfter(b, a) ? b : a)),
  );
  return [...new Set(issuers)];
}

/** Of two that end together the later one: whoever looks at it from either side finds the same. */
const endsAfter = (a: FormerGeneration, b: FormerGeneration): boolean => {
  const difference = a.certificate.notAfter.getTime() - b.certificate.notAfter.getTime();
  return difference > 0 || (difference === 0 && a.number > b.number);
};
