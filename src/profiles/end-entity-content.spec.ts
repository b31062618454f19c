import { DistinguishedName } from '../pki/x509/distinguished-name';
import {
  choiceProblems,
  contentProblems,
  type EndEntityNames,
  filledInTypes,
  profiledNames,
} from './end-entity-content';
import { checkedEndEntityProfile } from './end-entity-profile.input';

const names = (subject: string, ...altNames: string[]): EndEntityNames => ({
  subject: DistinguishedName.parse(subject),
  subjectAltNames: altNames.map((text) => {
    const [type = '', value = ''] = text.split(/:(.*)/s);
    return { type, value };
  }),
});

/** What becomes of the names: the subject, the alternative names, and what is wrong. */
function result(settings: object, asked: EndEntityNames): { subject: string; altNames: string[]; problems: string[] } {
  const { subject, subjectAltNames, problems } = profiledNames(checkedEndEntityProfile(settings), asked);
  return {
    subject: subject.toString(),
    altNames: subjectAltNames.map(({ type, value }) => `${type}:${value}`),
    problems: problems.map(({ field, message }) => `${field}: ${message}`),
  };
}

const problemsOf = (settings: object, asked: EndEntityNames): string[] => result(settings, asked).problems;

describe('a profile without rules', () => {
  it('has nothing against any name and changes none', () => {
    const asked = names('CN=a,OU=b,1.2.3.4=c', 'ip:10.0.0.1', 'upn:a@b');
    const filled = profiledNames(checkedEndEntityProfile({}), asked);
    expect(filled).toEqual({ ...asked, problems: [] });
    expect(filled.subject).toBe(asked.subject);
  });
});

describe('attributes of the subject', () => {
  it('that are missing or too many are named, by whatever name the profile has them', () => {
    const rules = { allowedSubjectAttributes: ['commonName', '2.5.4.10'], requiredSubjectAttributes: ['O'] };
    expect(problemsOf(rules, names('CN=a,OU=b'))).toEqual([
      'subject: the end entity profile does not allow OU',
      'subject: the end entity profile requires O',
    ]);
  });

  it('are filled in by default where there is none of that type, in the order of the profile, fixed ones last', () => {
    const rules = { defaultSubject: 'OU=Devices,L=Bern', fixedSubject: 'O=Example,C=CH' };
    expect(result(rules, names('CN=a,L=Basel'))).toEqual({
      subject: 'CN=a,L=Basel,OU=Devices,O=Example,C=CH',
      altNames: [],
      problems: [],
    });
  });

  it('that are required may come by default', () => {
    expect(problemsOf({ requiredSubjectAttributes: ['O'], defaultSubject: 'O=Example' }, names('CN=a'))).toEqual([]);
  });

  it('that are fixed have no other value', () => {
    expect(problemsOf({ fixedSubject: 'O=Example' }, names('CN=a,O=Exampel'))).toEqual([
      'subject: the end entity profile fixes O to another value',
    ]);
    expect(problemsOf({ fixedSubject: 'O=Example' }, names('CN=a,O=Example,O=Other'))).toHaveLength(1);
  });

  it('that are fixed get the spelling of the profile', () => {
    const asked = names('O=EXAMPLE  inc+L=Bern,CN=a');
    expect(result({ fixedSubject: 'O=Example Inc' }, asked)).toMatchObject({
      subject: 'L=Bern+O=Example Inc,CN=a',
      problems: [],
    });
  });

  it('that are fixed several times are so in that order', () => {
    const rules = { fixedSubject: 'DC=example,DC=org' };
    expect(result(rules, names('CN=a'))).toMatchObject({ subject: 'CN=a,DC=example,DC=org', problems: [] });
    expect(problemsOf(rules, names('DC=example,DC=org,CN=a'))).toEqual([]);
    expect(problemsOf(rules, names('CN=a,DC=org,DC=example'))).toHaveLength(1);
  });

  it('have values that fit one of the patterns of their type, whatever the case', () => {
    const rules = { allowedSubjectValues: ['CN=*.example.com', 'OU=Devices', 'OU=Servers, old'] };
    expect(problemsOf(rules, names('CN=R1.Example.COM,OU=devices,O=any'))).toEqual([]);
    expect(problemsOf(rules, names('CN=r1.example.com,OU=Servers\\, old'))).toEqual([]);
    expect(problemsOf(rules, names('CN=r1.example.com.evil.org,OU=Devices,OU=Others'))).toEqual([
      'subject: the end entity profile does not allow this value of CN',
      'subject: the end entity profile does not allow this value of OU',
    ]);
  });

  it('that are no text fit no pattern', () => {
    expect(problemsOf({ allowedSubjectValues: ['CN=*'] }, names('CN=#0202ff01'))).toHaveLength(1);
  });
});

describe('alternative names', () => {
  it('are of allowed types', () => {
    expect(problemsOf({ subjectAltNameTypes: ['dns'] }, names('CN=a', 'dns:a', 'ip:10.0.0.1'))).toEqual([
      'subjectAltNames[1].type: the end entity profile does not allow this type',
    ]);
  });

  it('are required by type', () => {
    expect(problemsOf({ requiredSubjectAltNames: ['dns', 'ip'] }, names('CN=a', 'dns:a'))).toEqual([
      'subjectAltNames: the end entity profile requires a name of type ip',
    ]);
  });

  it('are filled in by default where there is none of that type, from the subject too', () => {
    const rules = { defaultSubjectAltNames: ['dns:${CN}.example.com', 'dns:gate', 'uri:urn:x:${UID}', 'ip:10.0.0.1'] };
    expect(result(rules, names('CN=a', 'ip:10.0.0.2')).altNames).toEqual([
      'ip:10.0.0.2',
      'dns:a.example.com',
      'dns:gate',
    ]);
  });

  it('that the subject makes no valid name of are a problem', () => {
    expect(problemsOf({ defaultSubjectAltNames: ['dns:${CN}'] }, names('CN=Router 1'))).toEqual([
      'subjectAltNames: the end entity profile makes no valid name for this subject by dns:${CN}',
    ]);
  });

  it('that are fixed are added, and no other of their type is taken', () => {
    const rules = { fixedSubjectAltNames: ['dns:${CN}.example.com', 'dns:all.example.com'] };
    expect(result(rules, names('CN=a', 'dns:A.example.com'))).toEqual({
      subject: 'CN=a',
      altNames: ['dns:A.example.com', 'dns:all.example.com'],
      problems: [],
    });
    expect(problemsOf(rules, names('CN=a', 'dns:b.example.com'))).toEqual([
      'subjectAltNames[0].value: the end entity profile fixes dns to another value',
    ]);
  });

  it('have values that fit one of the patterns of their type; a wildcard only by an escaped asterisk', () => {
    const rules = { allowedSubjectAltNameValues: ['dns:*.example.com', 'email:*@example.com'] };
    const problemsWith = (...altNames: string[]): string[] => problemsOf(rules, names('CN=a', ...altNames));
    expect(problemsWith('dns:A.example.com', 'email:a@EXAMPLE.com', 'ip:10.0.0.1')).toEqual([]);
    expect(problemsWith('dns:*.example.com')).toEqual([
      'subjectAltNames[0].value: the end entity profile does not allow this value',
    ]);
    expect(problemsWith('dns:example.com.evil.org')).toHaveLength(1);
    const wildcard = { allowedSubjectAltNameValues: ['dns:\\*.example.com'] };
    expect(problemsOf(wildcard, names('CN=a', 'dns:*.example.com'))).toEqual([]);
  });
});

describe('names that stay as they are', () => {
  it('are held against the rules, and nothing is filled in', () => {
    const rules = checkedEndEntityProfile({ fixedSubject: 'O=Example', fixedSubjectAltNames: ['dns:${CN}'] });
    expect(contentProblems(rules, names('CN=a,O=example', 'dns:a'))).toEqual([]);
    expect(contentProblems(rules, names('CN=a')).map(({ message }) => message)).toEqual([
      'the end entity profile fixes O to another value',
      'the end entity profile fixes names of type dns that are missing',
    ]);
  });
});

it('says by which types an issued subject may have more than was asked for', () => {
  const rules = checkedEndEntityProfile({ defaultSubject: 'OU=a', fixedSubject: 'O=b,C=SE' });
  expect(filledInTypes(rules, DistinguishedName.parse('CN=a,O=b'))).toEqual(['2.5.4.11', '2.5.4.6']);
});

describe('authority, certificate profile and allowed requests', () => {
  const choice = { authority: 'Devices', certificateProfile: 'SERVER', allowedRequests: 3 };

  it('are free by default', () => {
    expect(choiceProblems(checkedEndEntityProfile({}), choice)).toEqual([]);
  });

  it('are those that the profile names', () => {
    const rules = { authorities: ['Others'], certificateProfiles: ['CLIENT', 'VPN'], maximumAllowedRequests: 2 };
    const problems = choiceProblems(checkedEndEntityProfile(rules), choice);
    expect(problems.map(({ field }) => field)).toEqual(['authority', 'certificateProfile', 'allowedRequests']);
    const allowing = { authorities: ['Others', 'Devices'], certificateProfiles: ['SERVER'], maximumAllowedRequests: 3 };
    expect(choiceProblems(checkedEndEntityProfile(allowing), choice)).toEqual([]);
  });
});
