import { examinedAlias, examinedAuthority, examinedProfile } from '../../test/support/examined-alias';
import { examine } from './examination';
import { placesOf } from './places';

type Changes = NonNullable<Parameters<typeof examinedAlias>[0]>;

const profile = (changes: Partial<typeof examinedProfile>) => ({
  certificateProfiles: [{ ...examinedProfile, ...changes }],
});

describe('of places', () => {
  it.each<[string, Changes, string[]]>([
    ['a guessed PUBLIC_URL', { publicUrlIsSet: false }, ['warning public-url.unset']],
    ['a loopback PUBLIC_URL', { publicUrl: 'http://127.0.0.1:8080' }, ['warning public-url.loopback']],
    [
      'another port than the clients know',
      { needs: { port: 80 }, publicUrl: 'http://scep.example.test:8080' },
      ['error public-url.port'],
    ],
    ['the port that they know', { needs: { port: 80, plainHttp: true } }, []],
    [
      'TLS for clients without',
      { needs: { plainHttp: true }, publicUrl: 'https://scep.example.test' },
      ['error public-url.https'],
    ],

    ['no CRL', { authorities: [examinedAuthority({ crl: undefined })] }, ['error crl.missing']],
    [
      'an old CRL',
      { authorities: [examinedAuthority({ crl: { nextUpdate: new Date('2026-05-31T00:00:00Z') } })] },
      ['error crl.outdated'],
    ],
    [
      'no CRL where certificates do not point here',
      {
        ...profile({ crlDistributionPoints: ['http://crl.example.test/a.crl'] }),
        authorities: [examinedAuthority({ crl: undefined })],
      },
      [],
    ],
    ['no place of a CRL', profile({ crlDistributionPoints: [] }), ['note crl.no-place']],
    ['a CRL on loopback', profile({ crlDistributionPoints: ['http://localhost/a.crl'] }), ['warning crl.loopback']],
    ['a CRL behind TLS', profile({ crlDistributionPoints: ['https://crl.example.test/a.crl'] }), ['note crl.over-tls']],
  ])('%s is told', (_, changes, expected) => {
    expect(examine(examinedAlias(changes)).map(({ level, rule }) => `${level} ${rule}`)).toEqual(expected);
  });

  it('those are named that somebody has to reach, each once', () => {
    const foreign = 'http://crl.example.test/a.crl';
    const two = { ...examinedProfile, crlDistributionPoints: [foreign, 'gateway'] };
    expect(placesOf(examinedAlias({ certificateProfiles: [examinedProfile, two] }))).toEqual([
      { purpose: 'scep', url: 'http://scep.example.test/scep/scep/pkiclient.exe?operation=GetCACaps' },
      { purpose: 'crl', url: 'http://scep.example.test/crl/Devices/1.crl' },
      { purpose: 'crl', url: foreign },
    ]);
  });
});
