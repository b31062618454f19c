import { NDES_ENCODINGS, type NdesEncoding } from '../aliases/ndes-settings';
import {
  byHeader,
  dotNet,
  fleet,
  fleetText,
  manageEngine,
  ntlmRelay,
  powerShell,
  pythonScript,
  type Scraper,
} from '../../test/support/ndes-scrapers';
import { cacheFullPage, noPermissionPage, passwordPage, plainPage } from './ndes-page';
import { encodePage } from './page-encoding';

// Digits only, as badly as can be: for a program that takes any digits it looks like a password.
const thumbprint = Buffer.from('1234567812345678ABCDEF0123456789', 'hex');
const password = '8CE317021F69006B';
const WIDE: readonly NdesEncoding[] = ['utf-16le-nobom', 'utf-16le-bom'];

describe('the page with a one-time password', () => {
  const html = passwordPage({ thumbprint, password, once: true, minutes: 60 });

  it('is one line, with the sentences that programs look for', () => {
    expect(html).not.toMatch(/[\r\n]/);
    for (const sentence of [
      'The thumbprint (hash value) for the CA certificate is: <B> 12345678 12345678 ABCDEF01 23456789 </B>',
      'The enrollment challenge password is: <B> 8CE317021F69006B </B>',
      'This password can be used only once and will expire within 60 minutes.',
    ])
      expect(html).toContain(` <P> ${sentence}`);
  });

  const scrapers: readonly (readonly [string, Scraper, readonly NdesEncoding[]])[] = [
    ['Fleet', fleet, NDES_ENCODINGS],
    ['ManageEngine', manageEngine, NDES_ENCODINGS],
    ['the Python script', pythonScript, WIDE],
    ['iLO', powerShell, WIDE],
    ['ntlmrelayx', (page) => ntlmRelay(page)?.password, NDES_ENCODINGS],
    ['the C# client', dotNet, ['utf-16le-bom', 'utf-8']],
    ["readers of Okta's page", byHeader, ['utf-16le-bom', 'utf-8']],
  ];
  it.each(
    scrapers.flatMap(([name, scrape, encodings]) => encodings.map((encoding) => [name, encoding, scrape] as const)),
  )('is read by %s in %s', (_name, encoding, scrape) => {
    for (const length of [8, 16]) {
      const long = 'FEDCBA98'.repeat(length / 4);
      expect(scrape(encodePage(passwordPage({ thumbprint, password: long, once: true, minutes: 1 }), encoding))).toBe(
        long,
      );
      expect(scrape(encodePage(html, encoding))).toBe(password);
    }
  });

  it('says for how long', () => {
    expect(ntlmRelay(encodePage(html, 'utf-16le-nobom'))).toEqual({ password, minutes: 60 });
  });
});

describe('the page with a password for all', () => {
  const shown = passwordPage({ thumbprint, password: 'correct horse', once: false, minutes: undefined });

  it('is read by those who know it', () => {
    expect(shown).toContain('This password can be used multiple times and will not expire.');
    expect(manageEngine(encodePage(shown, 'utf-16le-nobom'))).toBe('correct horse');
    expect(ntlmRelay(encodePage(shown, 'utf-8'))).toEqual({ password: 'correct horse', minutes: undefined });
  });

  it('says when it ends, if it does', () => {
    const today = { thumbprint, password: 'k7f2-9xq4-0mnb', once: false, minutes: 90 };
    const html = passwordPage(today);
    expect(html).toContain('This password can be used multiple times and will expire within 90 minutes.');
    const read = { password: today.password, minutes: 90 };
    expect(ntlmRelay(encodePage(html, 'utf-16le-nobom'))).toEqual(read);
    expect(manageEngine(encodePage(html, 'utf-16le-nobom'))).toBe(today.password);
  });

  it('escapes what would be HTML', () => {
    const html = passwordPage({ thumbprint, password: `<script>"&'`, once: false, minutes: undefined });
    expect(html).toContain('<B> &lt;script&gt;&quot;&amp;&#39; </B>');
    expect(plainPage('a <b>')).toContain('a &lt;b&gt;');
  });
});

describe('the pages without a password', () => {
  const pages = [cacheFullPage(), noPermissionPage(), plainPage('This alias has none.')];

  it('say what programs take for a refusal', () => {
    expect(fleetText(encodePage(cacheFullPage(), 'utf-16le-nobom').body)).toContain('The password cache is full.');
    expect(noPermissionPage()).toContain(
      'You do not have sufficient permission to enroll with SCEP.  Please contact your system administrator.',
    );
  });

  it.each([fleet, manageEngine, pythonScript, powerShell, dotNet, byHeader])(
    'hold nothing that %p would take',
    (scrape) => {
      for (const page of pages)
        for (const encoding of NDES_ENCODINGS) expect(scrape(encodePage(page, encoding))).toBeUndefined();
    },
  );
});

describe('encodings', () => {
  it.each([
    ['utf-16le-nobom', 'text/html', '3c004800'],
    ['utf-16le-bom', 'text/html; charset=utf-16', 'fffe3c00'],
    ['utf-8', 'text/html; charset=utf-8', '3c48544d'],
  ] as const)('%s is %s', (encoding, contentType, begin) => {
    const page = encodePage(plainPage(), encoding);
    expect(page.contentType).toBe(contentType);
    expect(page.body.subarray(0, 4).toString('hex')).toBe(begin);
  });
});
