import { PrivateKey } from '../pki/cms/private-key';
import { buildCertificationRequest, CertificationRequest } from '../pki/x509/certification-request';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { subjectAltName } from '../pki/x509/extension';
import { readGeneralNames } from '../pki/x509/general-name';
import { Oid } from '../pki/x509/oid';
import { checkedCertificateProfile } from '../profiles/certificate-profile.input';
import { checkedEndEntityProfile } from '../profiles/end-entity-profile.input';
import { Profiles } from '../profiles/profile-catalogue';
import type { ChallengeContent } from '../challenges/challenge';
import { certificateTemplate, type TemplateInput } from './certificate-template';
import { contentOf, contentProblem, profileOfContent } from './challenge-content';

const KEY = PrivateKey.generateEc('P-256');
const NONE: ChallengeContent = { subject: undefined, subjectAltNames: undefined, certificateProfile: undefined };
const endEntityProfile = (settings: object = {}) => ({ id: 1, name: 'STAFF', ...checkedEndEntityProfile(settings) });
const certificateProfile = (id: number, name: string) => ({ id, name, ...checkedCertificateProfile({}) });

async function issued(changes: Partial<TemplateInput>) {
  const der = await buildCertificationRequest({
    subject: DistinguishedName.parse('CN=asked'),
    signer: KEY,
    extensions: [subjectAltName([{ type: 'dns', value: 'asked.test' }], false)],
    digest: 'sha256',
  });
  const { subject, extensions } = certificateTemplate({
    subjectSource: 'registered',
    request: CertificationRequest.read(der),
    registered: { subject: 'CN=registered', subjectAltNames: [{ type: 'dns', value: 'registered.test' }] },
    certificateProfile: certificateProfile(1, 'ENDUSER'),
    endEntityProfile: endEntityProfile(),
    deviceProfile: { unstructuredNamesAsAltNames: false, refusesDomainComponents: false },
    now: new Date('2026-03-01T12:00:00Z'),
    ...changes,
  });
  const names = extensions.find(({ oid }) => oid === Oid.subjectAltName);
  return [subject.toString(), ...(names ? readGeneralNames(names.value).map(({ value }) => value) : [])];
}

describe('what the judge of a challenge puts in', () => {
  const subject = DistinguishedName.parse('CN=put in');
  const subjectAltNames = [{ type: 'email', value: 'jo@put.test' }] as const;

  it.each([
    ['registered', { ...NONE, subject }, ['CN=put in', 'registered.test']],
    ['registered', { ...NONE, subjectAltNames }, ['CN=registered', 'jo@put.test']],
    ['registered', { ...NONE, subject, subjectAltNames: [] }, ['CN=put in']],
    ['request', { ...NONE, subjectAltNames }, ['CN=asked', 'jo@put.test']],
    ['request', { ...NONE, subject }, ['CN=put in', 'asked.test']],
  ] as const)('stands in place of what is %s, as far as it goes', async (subjectSource, content, names) => {
    expect(await issued({ subjectSource, content })).toEqual(names);
  });

  it('gets what the end entity profile fills in', async () => {
    const profile = endEntityProfile({ defaultSubject: 'O=Default' });
    expect(await issued({ content: { ...NONE, subject }, endEntityProfile: profile })).toEqual([
      'CN=put in,O=Default',
      'registered.test',
    ]);
  });

  it('leaves the names alone where it is no names', async () => {
    const profile = endEntityProfile({ defaultSubject: 'O=Default' });
    const content = { ...NONE, certificateProfile: 'PHONES' };
    expect(await issued({ content, endEntityProfile: profile })).toEqual(['CN=registered', 'registered.test']);
  });

  it.each([
    ['a type that is not allowed', { subjectAltNameTypes: ['dns'] }, { ...NONE, subjectAltNames }],
    ['an attribute that is not allowed', { allowedSubjectAttributes: ['O'] }, { ...NONE, subject }],
    ['what is fixed otherwise', { fixedSubject: 'CN=fixed' }, { ...NONE, subject }],
  ])('is refused for %s', async (_, settings, content) => {
    await expect(issued({ content, endEntityProfile: endEntityProfile(settings) })).rejects.toMatchObject({
      code: 'request-refused',
      rule: 'end-entity-profile.names',
    });
  });

  it('chooses among the certificate profiles that the end entity profile allows', () => {
    const profiles = new Profiles([certificateProfile(1, 'ENDUSER'), certificateProfile(2, 'PHONES')], []);
    const allows = (certificateProfiles: string[]) => ({ ...endEntityProfile(), certificateProfiles });
    expect(profileOfContent(profiles, allows([]), 'PHONES').id).toBe(2);
    expect(profileOfContent(profiles, allows(['PHONES']), 'PHONES').id).toBe(2);
    for (const [allowed, name] of [
      [['ENDUSER'], 'PHONES'],
      [[], 'phones'],
    ] as const)
      expect(() => profileOfContent(profiles, allows([...allowed]), name)).toThrow(
        expect.objectContaining({ code: 'request-refused', rule: 'challenge.content' }),
      );
  });

  it('goes with neither an officer nor a renewal', () => {
    for (const [waits, isRenewal] of [
      [true, false],
      [false, true],
    ] as const) {
      expect(contentProblem(NONE, waits, isRenewal)).toMatchObject({ error: { rule: 'challenge.content' } });
      expect(contentProblem(undefined, waits, isRenewal)).toBeUndefined();
    }
    expect(contentProblem(NONE, false, false)).toBeUndefined();
  });

  it('is nothing where the challenge is wrong', () => {
    const wrong = { right: false, rule: 'a.b', explanation: 'c', countsAsFailure: true } as const;
    expect(contentOf({ external: undefined, latest: wrong })).toBeUndefined();
    expect(contentOf({ external: undefined, latest: { right: true, content: NONE } })).toBe(NONE);
  });
});
