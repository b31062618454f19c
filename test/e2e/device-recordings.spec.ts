import { readFileSync } from 'node:fs';
import { ContentInfo, EnvelopedData, SignedData } from 'pkijs';
import { findDeviceProfile } from '../../src/device-profiles/device-profile-catalogue';
import { requestedUsername } from '../../src/enrolment/requested-username';
import { type CipherName, cipherOid } from '../../src/pki/cms/content-cipher';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { Certificate } from '../../src/pki/x509/certificate';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { decodeCertRep } from '../../src/scep/message/cert-rep.decoder';
import { openEnvelope } from '../../src/scep/message/pkcs-pki-envelope.opener';
import { decodePkiMessage } from '../../src/scep/message/pki-message.decoder';
import { FixedClock } from '../support/fixed-clock';
import { importRecipient, sendVector } from '../support/recorded-gateway';
import { RECORDED_SHAPES } from '../support/recorded-shapes';
import { createDefaultProfiles, RestClient } from '../support/rest-client';
import { startGateway, type TestGateway } from '../support/start-gateway';
import { loadVector, type MessageVector } from '../support/vectors';

/** One gateway for all recordings: each profile has an alias, and gets what its client has sent. */
const CASES = Object.entries(RECORDED_SHAPES).flatMap(([profile, names]) =>
  names.map((name) => [profile, name, loadVector(name)] as const),
);

const clock = new FixedClock();
let gateway: TestGateway;
let rest: RestClient;

beforeAll(async () => {
  gateway = await startGateway({ clock });
  rest = new RestClient(gateway);
  await createDefaultProfiles(gateway);
  const recipients = new Map(CASES.map(([, , { recipient }]) => [recipient.name, recipient]));
  for (const [name, recipient] of recipients) await importRecipient(gateway, recipient, name);
  for (const username of new Set(await Promise.all(CASES.map(([, , vector]) => usernameIn(vector)))))
    await rest.post('end-entities', { username, authority: [...recipients.keys()][0], enrolmentCode: 'other' });
});

afterAll(() => gateway.close());

async function usernameIn(vector: MessageVector): Promise<string> {
  const recipient = {
    certificate: Certificate.read(vector.recipient.certificate),
    key: PrivateKey.fromPem(readFileSync(vector.recipient.keyFile, 'utf8')),
  };
  const { content } = await openEnvelope(decodePkiMessage(vector.bytes).envelope!, [recipient]);
  return requestedUsername(CertificationRequest.read(content).subject);
}

describe.each(CASES)('%s: %s', (profile, name, vector) => {
  const alias = `${profile}-${name.replace(/[^a-z0-9]+/g, '-')}`.slice(0, 32);
  const send = async () => {
    const { status, body } = await sendVector(gateway, vector, `/scep/${alias}`);
    expect(status).toBe(200);
    return { body, reply: decodeCertRep(body) };
  };
  const setRight = async (enrolmentCode: string): Promise<void> => {
    const username = await usernameIn(vector);
    await rest.patch(`end-entities/${username}`, { authority: vector.recipient.name });
    await rest.post(`end-entities/${username}/status`, { status: 'NEW', enrolmentCode });
    await rest.post(`end-entities/${username}/unlock`);
  };

  beforeAll(async () => {
    clock.set(vector.now);
    const { status } = await rest.post('aliases', {
      name: alias,
      deviceProfile: profile,
      authorities: [vector.recipient.name],
    });
    expect(status).toBe(201);
  });

  it('is told of a refusal in the form that it reads', async () => {
    await setRight('another code');
    const { body, reply } = await send();
    expect(reply.outcome).toMatchObject({ pkiStatus: 'FAILURE', failInfo: 'badRequest' });
    const { eContent } = new SignedData({ schema: ContentInfo.fromBER(body).content }).encapContentInfo;
    if (findDeviceProfile(profile)!.emptyContent === 'absent') expect(eContent).toBeUndefined();
    else expect(eContent!.getValue().byteLength).toBe(0);
  });

  it('gets its certificate in answer to what it sends', async () => {
    await setRight(vector.challengePassword!);
    const { reply } = await send();
    expect(reply).toMatchObject({
      outcome: { pkiStatus: 'SUCCESS' },
      transactionID: vector.transactionID,
      recipientNonce: vector.senderNonce,
      digest: vector.digest,
      defects: [],
    });
    expect(reply.signer.der).toEqual(vector.recipient.certificate);
    const { encryptedContentInfo } = new EnvelopedData({ schema: ContentInfo.fromBER(reply.envelope!).content });
    expect(encryptedContentInfo.contentEncryptionAlgorithm.algorithmId).toBe(cipherOid(vector.cipher as CipherName));
  });
});
