import { SeededGenerator } from '../../../test/support/seeded-generator';
import { loadVectors, type MessageVector } from '../../../test/support/vectors';
import { ServiceError } from '../../common/service-error';
import { PrivateKey } from '../../pki/cms/private-key';
import { DerError } from '../../pki/der/der-error';
import { Certificate } from '../../pki/x509/certificate';
import { decodeCertRep } from './cert-rep.decoder';
import { openEnvelope } from './pkcs-pki-envelope.opener';
import { checkPkiMessage, decodePkiMessage, type PkiMessage } from './pki-message.decoder';

/*
 * Whatever comes, the codec succeeds or says in one of its two errors what is wrong, soon. The changes are the same on each
 * run; a failure names the one to repeat.
 */

const MUTATIONS = 120;
/** In milliseconds, for a whole test: far above what its messages take, far below what an attack would want. */
const LIMIT = 10_000;

const vectors = loadVectors().filter(({ expect: expected }) => expected === 'opened');

function mutate(bytes: Buffer, generator: SeededGenerator): Buffer {
  const copy = Buffer.from(bytes);
  const position = generator.below(copy.length);
  switch (generator.below(6)) {
    case 0:
      copy[position]! ^= 1 << generator.below(8);
      return copy;
    case 1:
      copy[position] = generator.below(256);
      return copy;
    case 2:
      return copy.subarray(0, position);
    case 3: {
      // Mostly in the headers, where lengths and tags are.
      const early = generator.below(Math.min(copy.length, 120));
      copy[early] = [0x00, 0x7f, 0x80, 0x84, 0xff, 0x30, 0x24, 0xa0][generator.below(8)]!;
      return copy;
    }
    case 4:
      return Buffer.concat([
        copy.subarray(0, position),
        generator.octets(1 + generator.below(8)),
        copy.subarray(position),
      ]);
    default: {
      const length = generator.below(40);
      return Buffer.concat([copy.subarray(0, position), copy.subarray(position + length)]);
    }
  }
}

/** Whether `run` came to its end or threw one of the errors it may throw; throws otherwise. */
async function isCivil(what: string, run: () => unknown): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof DerError || error instanceof ServiceError) return false;
    throw new Error(`${what}: ${String(error)}`, { cause: error });
  }
}

/** Everything that a request log or an answer asks of a message, checked or not. */
function touch(message: PkiMessage): void {
  for (const read of [
    () => message.signer.subject.toString(),
    () => message.signer.serialHex,
    () => message.signer.publicKey,
  ]) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
  }
  checkPkiMessage(message);
}

describe.each(vectors.map((vector, index) => [vector.name, vector, index] as const))('%s', (_, vector, index) => {
  it(
    'changed at random',
    async () => {
      const generator = new SeededGenerator(index);
      let passed = 0;
      for (let round = 0; round < MUTATIONS; round++) {
        const bytes = mutate(vector.bytes, generator);
        const whole = bytes.equals(vector.bytes);
        const what = `round ${round}`;
        if (
          await isCivil(what, () => {
            touch(decodePkiMessage(bytes));
          })
        )
          passed += whole ? 0 : 1;
        await isCivil(what, () => decodeCertRep(bytes));
      }
      // Nothing that was signed can be changed unnoticed; what is outside the signature, such as the version, can.
      expect(passed).toBeLessThan(MUTATIONS / 5);
    },
    LIMIT,
  );

  it(
    'its envelope changed at random',
    async () => {
      const generator = new SeededGenerator(1000 + index);
      const envelope = decodePkiMessage(vector.bytes).envelope!;
      const recipient = recipientOf(vector);
      for (let round = 0; round < MUTATIONS / 3; round++) {
        const bytes = mutate(envelope, generator);
        await isCivil(`round ${round}`, () => openEnvelope(bytes, [recipient]));
      }
    },
    LIMIT,
  );
});

const recipients = new Map<string, { certificate: Certificate; key: PrivateKey }>();

function recipientOf({ recipient }: MessageVector): { certificate: Certificate; key: PrivateKey } {
  const known = recipients.get(recipient.name);
  if (known !== undefined) return known;
  const read = {
    certificate: Certificate.read(recipient.certificate),
    key: PrivateKey.fromPkcs8(recipient.privateKey),
  };
  recipients.set(recipient.name, read);
  return read;
}

describe('made to hurt', () => {
  const nested = (open: Buffer, count: number): Buffer => Buffer.concat(Array<Buffer>(count).fill(open));

  it.each<[string, Buffer]>([
    ['ten thousand SEQUENCEs of indefinite length', nested(Buffer.of(0x30, 0x80), 10_000)],
    ['ten thousand constructed OCTET STRINGs', nested(Buffer.of(0x24, 0x80), 10_000)],
    ['a length of 4 GiB', Buffer.concat([Buffer.from('3084ffffffff', 'hex'), Buffer.alloc(1000)])],
    ['a length of 2^56', Buffer.from('3088010000000000000000', 'hex')],
    [
      'a million empty SEQUENCEs',
      Buffer.concat([Buffer.from('3083200000', 'hex'), nested(Buffer.of(0x30, 0), 1_048_576)]),
    ],
    ['a megabyte of zeroes', Buffer.alloc(1_000_000)],
    ['a megabyte of ff', Buffer.alloc(1_000_000, 0xff)],
  ])(
    '%s',
    async (_, bytes) => {
      expect(await isCivil('decode', () => decodePkiMessage(bytes))).toBe(false);
      expect(await isCivil('open', () => openEnvelope(bytes, [recipientOf(vectors[0]!)]))).toBe(false);
    },
    LIMIT,
  );
});
