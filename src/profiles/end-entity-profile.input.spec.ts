import { ServiceError } from '../common/service-error';
import { END_ENTITY_PROFILE_DEFAULTS } from './end-entity-profile';
import { checkedEndEntityProfile } from './end-entity-profile.input';

function fieldsOf(given: unknown): string[] {
  try {
    checkedEndEntityProfile(given);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid-input')
      return [...new Set(error.fields.map(({ field }) => field))];
    throw error;
  }
  return [];
}

describe('an end entity profile', () => {
  it('has every default when nothing is given, and takes them all', () => {
    expect(checkedEndEntityProfile({})).toMatchObject({ ...END_ENTITY_PROFILE_DEFAULTS });
    expect(fieldsOf(END_ENTITY_PROFILE_DEFAULTS)).toEqual([]);
  });

  it.each([
    [{ allowedSubjectAttributes: ['CN', 'nothing'] }, 'allowedSubjectAttributes[1]'],
    [{ requiredSubjectAttributes: ['nothing'] }, 'requiredSubjectAttributes[0]'],
    [{ allowedSubjectAttributes: ['CN'], requiredSubjectAttributes: ['O'] }, 'requiredSubjectAttributes'],
    [{ subjectAltNameTypes: ['x400'] }, 'subjectAltNameTypes'],
    [{ users: [] }, 'users'],
    [{ defaultSubject: 'Example' }, 'defaultSubject'],
    [{ defaultSubject: 'C=Sweden' }, 'defaultSubject'],
    [{ fixedSubject: 'O=Example+OU=Devices' }, 'fixedSubject'],
    [{ allowedSubjectAttributes: ['CN'], fixedSubject: 'O=Example' }, 'fixedSubject'],
    [{ allowedSubjectValues: ['O=Exa*'], defaultSubject: 'O=Other' }, 'defaultSubject'],
    [{ defaultSubject: 'O=Example', fixedSubject: 'O=Other' }, 'defaultSubject'],
    [{ allowedSubjectValues: ['CN=a', '*.example.com'] }, 'allowedSubjectValues[1]'],
    [{ allowedSubjectValues: ['nothing=a'] }, 'allowedSubjectValues[0]'],
    [{ requiredSubjectAltNames: ['other'] }, 'requiredSubjectAltNames'],
    [{ subjectAltNameTypes: ['dns'], requiredSubjectAltNames: ['ip'] }, 'requiredSubjectAltNames'],
    [{ defaultSubjectAltNames: ['gate.example.com'] }, 'defaultSubjectAltNames[0]'],
    [{ defaultSubjectAltNames: ['dns:a b'] }, 'defaultSubjectAltNames[0]'],
    [{ defaultSubjectAltNames: ['dns:${nothing}'] }, 'defaultSubjectAltNames[0]'],
    [{ fixedSubjectAltNames: ['dns:a'], defaultSubjectAltNames: ['dns:b'] }, 'defaultSubjectAltNames[0]'],
    [{ subjectAltNameTypes: ['ip'], fixedSubjectAltNames: ['dns:a'] }, 'fixedSubjectAltNames[0]'],
    [{ allowedSubjectAltNameValues: ['dns:*.org'], fixedSubjectAltNames: ['dns:a.com'] }, 'fixedSubjectAltNames[0]'],
    [{ allowedSubjectAltNameValues: ['*.org'] }, 'allowedSubjectAltNameValues[0]'],
    [{ authorities: ['A', 'A'] }, 'authorities'],
    [{ certificateProfiles: [''] }, 'certificateProfiles'],
    [{ defaultAllowedRequests: 0 }, 'defaultAllowedRequests'],
    [{ defaultAllowedRequests: 3, maximumAllowedRequests: 2 }, 'maximumAllowedRequests'],
    [{ failedAttempts: -1 }, 'failedAttempts'],
  ])('refuses %j', (given, field) => {
    expect(fieldsOf(given)).toEqual([field]);
  });

  it('takes names and patterns of all kinds', () => {
    const given = {
      defaultSubject: 'OU=Devices,O=Example\\, Inc.',
      fixedSubject: 'DC=example,DC=org,C=SE',
      allowedSubjectValues: ['CN=*.example.com', 'OU=*', '2.5.4.10 = Example*'],
      defaultSubjectAltNames: ['dns:${CN}', 'ip:${unstructuredAddress}', 'uri:urn:device:${SERIALNUMBER}/${2.5.4.3}'],
      fixedSubjectAltNames: ['upn:${UID}@example.org'],
      allowedSubjectAltNameValues: ['dns:*.example.com', 'upn:*@example.org', 'ip:10.*', 'uri:urn:*'],
    };
    expect(fieldsOf(given)).toEqual([]);
  });
});
