import { type NameGeneration, nameGenerationProblems, RA_DEFAULTS } from '../aliases/ra-settings';
import { SystemRandomSource } from '../common/random-source';
import { DistinguishedName } from '../pki/x509/distinguished-name';
import { generatedUsername, isNameRandom } from './generated-username';

const RANDOM = new SystemRandomSource();
const generation = (changes: Partial<NameGeneration>): NameGeneration => ({
  ...RA_DEFAULTS.nameGeneration,
  ...changes,
});
const name = (changes: Partial<NameGeneration>, subject: string): string =>
  generatedUsername(generation(changes), DistinguishedName.parse(subject), RANDOM);

describe('the user name in RA mode', () => {
  it.each<[string, Partial<NameGeneration>, string, string]>([
    ['DN: the CN unless anything else is said, blanks and all', {}, 'CN=John Doe,O=Example', 'John Doe'],
    ['DN: of several CNs the first', {}, 'CN=one,CN=two', 'one'],
    ['DN: the first attribute that is there', { parameters: 'UID;CN' }, 'CN=john,O=Example', 'john'],
    ['DN: in the order of the parameters, not of the subject', { parameters: 'UID;CN' }, 'CN=john,UID=jd', 'jd'],
    ['DN: SN is the serialNumber, as in EJBCA', { parameters: 'SN' }, 'SERIALNUMBER=F123,CN=x', 'F123'],
    ['DN: case and blanks of the parameters do not matter', { parameters: 'uid ; cn' }, 'CN=john', 'john'],
    ['DN: an empty value is as good as none', { parameters: 'UID;CN' }, 'UID=\\ ,CN=john', 'john'],
    ['DN: an attribute by its identifier', { parameters: '2.5.4.5' }, 'SERIALNUMBER=7', '7'],
    ['FIXED: the parameters', { scheme: 'FIXED', parameters: 'kiosk' }, 'CN=other', 'kiosk'],
    ['USERNAME: the whole subject', { scheme: 'USERNAME' }, 'CN=John,O=Example', 'CN=John,O=Example'],
    ['prefix and postfix around it', { prefix: 'mdm-', postfix: '@site' }, 'CN=john', 'mdm-john@site'],
    ['runs of blanks and those at the ends count as nothing', {}, 'CN=\\  John   Doe\\ ', 'John Doe'],
    ['nor do they behind a prefix', { prefix: 'mdm-', postfix: '@site' }, 'CN=\\  john\\ ', 'mdm-john@site'],
    ['a heart is the same, red or not', {}, 'CN=Ann \u2764\ufe0f', 'Ann \u2764'],
    ['an accent is the same, joined or not', {}, 'CN=Ame\u0301lie', 'Am\u00e9lie'],
  ])('%s', (_, changes, subject, expected) => {
    expect(name(changes, subject)).toBe(expected);
  });

  it('RANDOM: twelve letters and digits, another each time', () => {
    const names = Array.from({ length: 50 }, () => name({ scheme: 'RANDOM' }, 'CN=john'));
    for (const each of names) expect(each).toMatch(/^[A-Za-z0-9]{12}$/);
    expect(new Set(names).size).toBe(50);
  });

  it('${RANDOM} in prefix and postfix is twelve letters and digits, each of them another', () => {
    const [, first, second] = /^a-(\w{12})-john-(\w{12})$/.exec(
      name({ prefix: 'a-${RANDOM}-', postfix: '-${RANDOM}' }, 'CN=john'),
    )!;
    expect(first).not.toBe(second);
  });

  it('${RANDOM} in what a device asks for is just text', () => {
    expect(name({}, 'CN=${RANDOM}')).toBe('${RANDOM}');
  });

  it('takes no letter more often than another', () => {
    // Bytes from 248 on would favour the first letters of the alphabet.
    const bytes = Buffer.from([255, 254, 248, 247, ...Array.from({ length: 20 }, (_, i) => i)]);
    expect(
      generatedUsername(generation({ scheme: 'RANDOM' }), DistinguishedName.parse(''), { bytes: () => bytes }),
    ).toBe('9ABCDEFGHIJK');
  });

  it.each<[string, Partial<NameGeneration>, string, string]>([
    ['has none of the attributes', { parameters: 'UID;SN' }, 'CN=john', 'none of the attributes'],
    ['is empty', { scheme: 'USERNAME' }, '', 'is empty'],
    ['has a line end', {}, 'CN=a\\0Ab', 'cannot be part'],
    ['turns the direction of writing', {}, 'CN=a\u202eb', 'cannot be part'],
    ['has an invisible character', {}, 'CN=a\u200bb', 'cannot be part'],
    ['has an invisible letter', {}, 'CN=ab\u3164', 'cannot be part'],
    ['has an invisible accent', {}, 'CN=a\u034fb', 'cannot be part'],
    ['has a blank that is drawn as dots', {}, 'CN=a\u2800b', 'cannot be part'],
    ['is too long', {}, `CN=${'x'.repeat(256)}`, 'too long'],
  ])('is refused clearly where the subject %s', (_, changes, subject, detail) => {
    expect(() => name(changes, subject)).toThrow(
      expect.objectContaining({
        code: 'request-refused',
        rule: 'ra.nameGeneration',
        publicDetail: expect.stringContaining(detail) as string,
      }),
    );
  });

  it('is another each time by the scheme RANDOM and by ${RANDOM} only', () => {
    expect(isNameRandom(generation({ scheme: 'RANDOM' }))).toBe(true);
    expect(isNameRandom(generation({ postfix: 'x${RANDOM}' }))).toBe(true);
    expect(isNameRandom(generation({ parameters: '${RANDOM}', scheme: 'FIXED' }))).toBe(false);
    expect(isNameRandom(generation({}))).toBe(false);
  });
});

describe('settings by which no name can be made are refused', () => {
  it.each<[string, Partial<NameGeneration>, string]>([
    ['FIXED without a name', { scheme: 'FIXED', parameters: ' ' }, 'ra.nameGeneration.parameters'],
    ['DN without an attribute', { parameters: '' }, 'ra.nameGeneration.parameters'],
    ['DN with an unknown attribute', { parameters: 'CN;FAVOURITECOLOUR' }, 'ra.nameGeneration.parameters'],
    ['what cannot be seen', { prefix: 'a\u200b' }, 'ra.nameGeneration.prefix'],
  ])('%s', (_, changes, field) => {
    expect(nameGenerationProblems(generation(changes)).map((problem) => problem.field)).toEqual([field]);
  });

  it('and those of the other schemes have parameters that say nothing', () => {
    expect(nameGenerationProblems(generation({ scheme: 'RANDOM', parameters: 'whatever' }))).toEqual([]);
  });
});
