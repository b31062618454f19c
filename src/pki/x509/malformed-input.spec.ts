import { SeededGenerator } from '../../../test/support/seeded-generator';
import { loadVector, RECORDED, vector } from '../../../test/support/vectors';
import { normaliseBer } from '../der/ber';
import { DerError } from '../der/der-error';
import { DerReader, readOnly } from '../der/der-reader';
import { Tag } from '../der/tag';
import { Certificate } from './certificate';
import { CertificationRequest } from './certification-request';
import { readAuthorityKeyIdentifier, readBasicConstraints, readExtendedKeyUsage } from './extension';
import { readGeneralNames } from './general-name';
import { Oid } from './oid';

/** How many mutations of each kind are made of each input. */
const ROUNDS = 120;

const READERS: Readonly<Record<string, (value: Buffer) => unknown>> = {
  [Oid.subjectAltName]: readGeneralNames,
  [Oid.basicConstraints]: readBasicConstraints,
  [Oid.extKeyUsage]: readExtendedKeyUsage,
  [Oid.authorityKeyIdentifier]: readAuthorityKeyIdentifier,
};

/** Each of these looks at everything that the class offers, one property after the other. */
function useCertificate(der: Buffer): void {
  const certificate = Certificate.read(der);
  attempt(() => certificate.issuer.normalised + certificate.issuer.toString());
  attempt(() => certificate.subject.normalised + certificate.subject.toString());
  attempt(() => certificate.serialHex);
  attempt(() => [certificate.notBefore, certificate.notAfter]);
  attempt(() => certificate.isSignedBy(certificate.publicKey));
  attempt(() => certificate.keyUsage);
  attempt(() => certificate.isCa);
  attempt(() => certificate.subjectKeyIdentifier);
  attempt(() => {
    for (const { oid, value } of certificate.extensions) attempt(() => READERS[oid]?.(value));
  });
}

function useRequest(der: Buffer): void {
  const request = CertificationRequest.read(der);
  request.subject.toString();
  attempt(() => request.verify());
  for (const { oid, value } of request.extensions) attempt(() => READERS[oid]?.(value));
}

/** Runs it; the one thing that may be thrown is a DerError. Returns whether there was none. */
function attempt(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** The certificate inside a recorded message: SignedData's `[0]`. */
function certificateOf(message: Buffer): Buffer {
  const contentInfo = readOnly(normaliseBer(message), Tag.SEQUENCE, '').open('');
  contentInfo.next('');
  const signedData = contentInfo.enter(0xa0, '').enter(Tag.SEQUENCE, '');
  for (let i = 0; i < 3; i++) signedData.next('');
  return signedData.enter(0xa0, '').next('').raw;
}

function walk(reader: DerReader): void {
  while (!reader.atEnd) {
    const element = reader.next('');
    if ((element.tag & 0x20) !== 0) walk(element.open(''));
  }
}

const MUTATIONS: Readonly<Record<string, (bytes: Buffer, generator: SeededGenerator) => Buffer>> = {
  'cut off': (bytes, generator) => bytes.subarray(0, generator.below(bytes.length)),
  'a bit flipped': (bytes, generator) => {
    const copy = Buffer.from(bytes);
    copy[generator.below(copy.length)]! ^= 1 << generator.below(8);
    return copy;
  },
  'octets replaced': (bytes, generator) => {
    const copy = Buffer.from(bytes);
    for (let i = 0; i < 4; i++) copy[generator.below(copy.length)] = generator.below(256);
    return copy;
  },
  'octets removed': (bytes, generator) => {
    const start = generator.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + generator.below(20))]);
  },
  'octets inserted': (bytes, generator) => {
    const start = generator.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, start), generator.octets(1 + generator.below(20)), bytes.subarray(start)]);
  },
};

const INPUTS: readonly (readonly [string, (name: string) => Buffer, (bytes: Buffer) => void])[] = [
  ['certificate', (name) => certificateOf(loadVector(name).bytes), useCertificate],
  ['certification request', (name) => vector(`requests/${name}.der`), useRequest],
  [
    'message in BER',
    (name) => loadVector(name).bytes,
    (bytes) => {
      walk(new DerReader(normaliseBer(bytes)));
    },
  ],
];

describe.each(INPUTS)('a damaged %s', (_, load, use) => {
  it.each(Object.entries(MUTATIONS))('with %s yields a DerError or a value, never anything else', (_kind, mutate) => {
    const generator = new SeededGenerator(20261121);
    let refused = 0;
    for (const name of RECORDED) {
      const original = load(name);
      expect(
        attempt(() => {
          use(original);
        }),
      ).toBe(true);
      for (let i = 0; i < ROUNDS; i++) {
        const damaged = mutate(original, generator);
        if (
          !attempt(() => {
            use(damaged);
          })
        )
          refused++;
      }
    }
    // Most damage shows: otherwise the readers would not be looking.
    expect(refused).toBeGreaterThan(0);
  });
});

it('random octets yield a DerError', () => {
  const generator = new SeededGenerator(1);
  for (let i = 0; i < 2000; i++) {
    const noise = generator.octets(generator.below(64));
    for (const use of [useCertificate, useRequest])
      expect(
        attempt(() => {
          use(noise);
        }),
      ).toBe(false);
    attempt(() => normaliseBer(noise));
  }
});
