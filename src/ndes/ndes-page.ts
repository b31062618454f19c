/*
 * The pages that programs of others read challenges from, by looking for the sentences below. Wording, blanks and case of
 * these sentences are the interface and must stay; everything else on a page is for people. What stands in front of the
 * password must hold neither a run of eight or more hexadecimal digits behind the words "challenge password", nor one of
 * sixteen anywhere, nor those words at all: some programs take the first thing that looks right.
 */

/** What a page with a password tells. */
export interface PasswordPage {
  /** MD5 of the authority's certificate. */
  readonly thumbprint: Buffer;
  readonly password: string;
  /** Whether it is good for one device. */
  readonly once: boolean;
  /** For how many minutes it can be used, at least one; undefined: for ever. */
  readonly minutes: number | undefined;
}

/** The page that shows a password. */
export function passwordPage({ thumbprint, password, once, minutes }: PasswordPage): string {
  const use = once ? 'only once' : 'multiple times';
  const end = minutes === undefined ? 'will not expire' : `will expire within ${minutes} minutes`;
  return page(
    `The thumbprint (hash value) for the CA certificate is: <B> ${thumbprintText(thumbprint)} </B>`,
    `The enrollment challenge password is: <B> ${escaped(password)} </B>`,
    `This password can be used ${use} and ${end}.`,
    once
      ? 'Each device needs a password of its own: load this page again for the next one.'
      : 'Give it to those devices only that are to enroll.',
  );
}

/** The page that says that as many passwords are out as may be. */
export function cacheFullPage(): string {
  return page(
    'The password cache is full.',
    'No further password is given out until one of those that are out has been used or has expired.',
  );
}

/** The page for somebody who may not fetch passwords here. Two blanks, as programs look for that. */
export function noPermissionPage(): string {
  return page(
    'You do not have sufficient permission to enroll with SCEP.  Please contact your system administrator.',
    'The RA account that was given is not allowed to fetch passwords here.',
  );
}

/** A page with nothing that a program looks for. Each sentence is plain text. */
export function plainPage(...sentences: readonly string[]): string {
  return page(...sentences.map(escaped));
}

/** Upper-case hexadecimal digits in groups of eight. */
function thumbprintText(digest: Buffer): string {
  return digest
    .toString('hex')
    .toUpperCase()
    .replace(/.{8}(?=.)/g, '$& ');
}

// One line, and <P> with one blank in front of each sentence: there are programs that split at ">" and count.
function page(...sentences: readonly string[]): string {
  const body = sentences.map((sentence) => ` <P> ${sentence}`).join('');
  return `<HTML><Head><Title>Network Device Enrollment Service</Title></Head><Body><H2>SCEP enrollment</H2>${body} </P></Body></HTML>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
