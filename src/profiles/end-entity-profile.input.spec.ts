import { ServiceError } from '../common/service-error';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { contentProblems } from './end-entity-content';
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
  ])('refuses %j', (given, field) => {
    expect(fieldsOf(given)).toEqual([field]);
  });

  it('without rules has nothing against any name', () => {
    const subject = DistinguishedName.parse('CN=a,OU=b,1.2.3.4=c');
    expect(contentProblems(checkedEndEntityProfile({}), subject, [{ type: 'ip' }, { type: 'upn' }])).toEqual([]);
  });

  it('says which attribute is missing and which is too many, by whatever name it was given', () => {
    const rules = { allowedSubjectAttributes: ['commonName', '2.5.4.10'], requiredSubjectAttributes: ['O'] };
    const problems = contentProblems(checkedEndEntityProfile(rules), DistinguishedName.parse('CN=a,OU=b'), []);
    expect(problems.map(({ message }) => message)).toEqual([
      'the end entity profile does not allow OU',
      'the end entity profile requires O',
    ]);
  });

  it('says which alternative name is of a type it does not allow', () => {
    const profile = checkedEndEntityProfile({ subjectAltNameTypes: ['dns'] });
    const problems = contentProblems(profile, DistinguishedName.parse(''), [{ type: 'dns' }, { type: 'ip' }]);
    expect(problems.map(({ field }) => field)).toEqual(['subjectAltNames[1].type']);
  });
});
