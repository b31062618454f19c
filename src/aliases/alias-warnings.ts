import type { AliasSettings } from './alias';

/** What about an alias deserves a warning wherever it is shown, though it may be just what was wanted. */
export function aliasWarnings({ challenge }: Pick<AliasSettings, 'challenge'>): string[] {
  return challenge.kind === 'open'
    ? [
        'challenge.kind is open: whoever can reach this alias gets a certificate, by nothing but the name that he asks for',
      ]
    : [];
}
