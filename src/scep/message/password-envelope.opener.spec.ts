import { SequenceRandom } from '../../../test/support/sequence-random';
import { ServiceError } from '../../common/service-error';
import { encodeEnvelopedData, encodePasswordEnvelope } from '../../pki/cms/enveloped-data.writer';
import { PKCS1_KEY_TRANSPORT } from '../../pki/cms/key-transport';
import { forgeIdentity } from '../../../test/support/forged-message';
import { openPasswordEnvelope } from './password-envelope.opener';
import { readEnvelope } from './pkcs-pki-envelope.opener';

const CONTENT = Buffer.from('300702010104027878', 'hex');
const random = new SequenceRandom('password envelope');
const envelope = (content = CONTENT): Promise<Buffer> =>
  encodePasswordEnvelope({ content, cipher: 'aes128', password: 'secret' }, random);
const open = async (bytes: Buffer, password = 'secret'): Promise<Buffer> =>
  openPasswordEnvelope(readEnvelope(bytes), password);

describe('openPasswordEnvelope', () => {
  it('opens what the password was used for, and nothing by another', async () => {
    const bytes = await envelope();
    expect(await open(bytes)).toEqual(CONTENT);
    await expect(open(bytes, 'Secret')).rejects.toMatchObject({ code: 'envelope-unreadable' });
  });

  it('takes a SEQUENCE alone, as all that SCEP encrypts is one', async () => {
    await expect(open(await envelope(Buffer.from('no structure')))).rejects.toMatchObject({
      code: 'envelope-unreadable',
    });
  });

  it('has nothing to open in an envelope for a key', async () => {
    const { certificate: recipient } = await forgeIdentity('CN=recipient');
    const contents = { content: CONTENT, cipher: 'aes128', recipient, keyTransport: PKCS1_KEY_TRANSPORT } as const;
    await expect(open(encodeEnvelopedData(contents, random))).rejects.toMatchObject({
      code: 'envelope-unreadable',
      explanation: 'the envelope is not encrypted with a password',
    });
  });

  it('refuses a content cipher that it does not know', async () => {
    const bytes = await envelope();
    // The last octet of the object identifier: 2.16.840.1.101.3.4.1.2 is the first in the key's place, the second here.
    const oid = Buffer.from('60864801650304010204', 'hex');
    bytes[bytes.lastIndexOf(oid) + 8] = 0x7f;
    await expect(open(bytes)).rejects.toMatchObject({ code: 'algorithm-not-allowed' });
  });

  it('survives any octet that was changed', async () => {
    const bytes = await envelope();
    for (let position = 0; position < bytes.length; position += 2) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] as number) ^ 0x11;
      const outcome = await open(changed).catch((error: unknown) => error);
      if (!Buffer.isBuffer(outcome)) expect(outcome).toBeInstanceOf(ServiceError);
    }
  });
});
