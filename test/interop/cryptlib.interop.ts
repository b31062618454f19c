import { existsSync } from 'node:fs';
import { assertSuccess } from './command';
import { fingerprint, readCertificate } from './credentials';
import { Cryptlib } from './cryptlib.driver';
import { CRYPTLIB, describeWith } from './foreign-client';
import { DEFAULT_ALIAS, DEFAULT_AUTHORITY, InteropGateway } from './interop-gateway';
import { createScene, CURVE } from './interop-scene';

const CURVES = { 256: 'prime256v1', 384: 'secp384r1', 521: 'secp521r1' } as const;

/** The one client that is known to read answers to EC keys, which are encrypted with the challengePassword. */
describeWith([CRYPTLIB], () => {
  let gateway: InteropGateway;
  let cryptlib: Cryptlib;

  beforeAll(async () => {
    gateway = await InteropGateway.start();
    await createScene(gateway);
    cryptlib = await Cryptlib.build(gateway);
  });
  afterAll(() => gateway.stop());

  /** The certificate that GetCACert shows for requests: the RA's where there is one. */
  const recipientOf = async (authority: string): Promise<string> =>
    (await gateway.raCertificatesOf(authority))[0] ?? gateway.certificateOf(authority);

  test.each([256, 384, 521] as const)('enrols with an EC key of %d bits', async (bits) => {
    for (const [alias, authority] of [
      [DEFAULT_ALIAS, DEFAULT_AUTHORITY],
      [CURVE.alias, CURVE.authority],
    ] as const) {
      const endEntity = await gateway.register(authority);
      const attempt = await cryptlib.enrol(alias, await recipientOf(authority), endEntity, bits);
      assertSuccess('cryptlib', attempt.result);
      const certificate = readCertificate(attempt.certificateFile);
      expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: CURVES[bits] });
      await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([fingerprint(certificate)]);
    }
  });

  test('enrols with an RSA key', async () => {
    const endEntity = await gateway.register();
    const recipient = await recipientOf(DEFAULT_AUTHORITY);
    const attempt = await cryptlib.enrol(DEFAULT_ALIAS, recipient, endEntity, 2048);
    assertSuccess('cryptlib', attempt.result);
    const certificate = readCertificate(attempt.certificateFile);
    await expect(gateway.certificatesOf(endEntity)).resolves.toEqual([fingerprint(certificate)]);
  });

  test('notices that an EC key with a wrong password is refused', async () => {
    const endEntity = await gateway.register();
    const guess = { ...endEntity, enrolmentCode: 'a wrong password' };
    const attempt = await cryptlib.enrol(DEFAULT_ALIAS, await recipientOf(DEFAULT_AUTHORITY), guess, 256);
    expect(attempt.result.code).toBe(1);
    expect(existsSync(attempt.certificateFile)).toBe(false);
    await expect(gateway.statusOf(endEntity)).resolves.toBe('NEW');
  });
});
