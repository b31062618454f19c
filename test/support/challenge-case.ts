import type { ChallengeAlias, ChallengeCase } from '../../src/challenges/challenge';
import { CHALLENGE_DEFAULTS, type ChallengeSettings } from '../../src/challenges/challenge-settings';
import { PrivateKey } from '../../src/pki/cms/private-key';
import { buildCertificationRequest, CertificationRequest } from '../../src/pki/x509/certification-request';
import { DistinguishedName } from '../../src/pki/x509/distinguished-name';

const KEY = PrivateKey.generateEc('P-256');

/** An alias as a challenge sees it, number 1 and called `scep` unless told otherwise. */
export function challengeAlias(
  challenge: Partial<ChallengeSettings> = {},
  secrets: Readonly<Record<string, string>> = {},
  more: Partial<ChallengeAlias> = {},
): ChallengeAlias {
  const get = (field: string): string | undefined => secrets[field];
  return {
    id: 1,
    name: 'scep',
    operationalMode: 'CA',
    challenge: { ...CHALLENGE_DEFAULTS, ...challenge },
    secrets: { get },
    ...more,
  };
}

/**
 * One request before a challenge, with a real PKCS #10 request in it.
 * @param subject of the request
 */
export async function challengeCase(
  changes: Partial<ChallengeCase> & Pick<ChallengeCase, 'alias' | 'challengePassword'>,
  subject = 'CN=router-1',
): Promise<ChallengeCase> {
  const der = await buildCertificationRequest({
    subject: DistinguishedName.parse(subject),
    signer: KEY,
    challengePassword: changes.challengePassword,
    digest: 'sha256',
  });
  return {
    certificationRequest: CertificationRequest.read(der),
    username: 'router-1',
    endEntity: undefined,
    oneTime: undefined,
    transactionID: 'T-1',
    requestId: '00000000-0000-4000-8000-000000000001',
    receivedAt: new Date('2026-01-02T03:04:05Z'),
    source: '192.0.2.1',
    isRenewal: false,
    ...changes,
  };
}
