import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program that nobody here wrote. */
export interface ForeignProgram {
  readonly name: string;
  /** What is missing to use it, and where to get it; undefined if nothing is. */
  readonly missing: () => string | undefined;
  /** No package brings it: continuous integration does without where it is missing. */
  readonly unpackaged?: true;
}

const says = (command: string, args: readonly string[]): string | undefined => {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  return error === undefined ? stdout + stderr : undefined;
};

/** strongSwan's `pki`, whose sub-commands `--scepca` and `--scep` are a SCEP client from version 5.9.8 on. */
export const STRONGSWAN: ForeignProgram = {
  name: 'strongSwan pki',
  missing: () => {
    const help = says('pki', ['--help']);
    if (help === undefined) return 'no pki: install strongswan-pki';
    if (!help.includes('--scep')) return 'pki without --scep: install strongswan-pki 5.9.8 or later';
    const [, plugins = ''] = /loaded plugins: (.*)/.exec(help) ?? [];
    if (!/\b(curl|soup)\b/.test(plugins)) return 'pki has no HTTP: install libstrongswan-extra-plugins';
    // Without it pki cannot read certificates with EC keys.
    if (!/\bopenssl\b/.test(plugins)) return 'pki lacks OpenSSL: install libstrongswan-standard-plugins';
    return undefined;
  },
};

/**
 * Why this `pki` cannot be made to use GET; undefined if it can. Before 5.9.11 it takes the numbers of the capabilities
 * for masks: what lets it encrypt at all (SHA-384 for AES, AES for 3DES) it takes for POSTPKIOperation too.
 */
export function whyStrongswanCannotGet(): string | undefined {
  const [, version = '0.0.0'] = /strongSwan (\d+\.\d+\.\d+)/.exec(says('pki', ['--help']) ?? '') ?? [];
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 10_000 + minor * 100 + patch < 50_911 ? `strongSwan ${version} always uses POST` : undefined;
}

/** micromdm's `scepclient`. */
export const SCEPCLIENT: ForeignProgram = {
  name: 'micromdm scepclient',
  missing: () => (says('scepclient', ['-version']) === undefined ? 'no scepclient: install scep' : undefined),
};

/** The program that the environment variable SSCEP names, or else `sscep` on the PATH. */
export const sscepCommand = (): string => process.env.SSCEP ?? 'sscep';

/** sscep, 0.10 or later, which is in no package registry. */
export const SSCEP: ForeignProgram = {
  name: 'sscep',
  unpackaged: true,
  missing: () => {
    const help = says(sscepCommand(), []);
    if (help === undefined)
      return 'no sscep: build it from github.com/certnanny/sscep, put it on the PATH or name it by SSCEP';
    if (!help.includes('getcaps')) return 'sscep is older than 0.10';
    return undefined;
  },
};

/** certmonger's SCEP helper. Debian has it in one of these places, others in the other. */
export const SCEP_SUBMIT =
  ['/usr/lib/certmonger/scep-submit', '/usr/libexec/certmonger/scep-submit'].find((file) => existsSync(file)) ??
  'scep-submit';

/** certmonger: the daemon, `getcert`, and the helper that speaks SCEP. */
export const CERTMONGER: ForeignProgram = {
  name: 'certmonger',
  missing: () => {
    const programs = [says('certmonger', ['-v']), says('getcert', ['--help']), says(SCEP_SUBMIT, ['--help'])];
    return programs.includes(undefined) ? 'no certmonger: install certmonger' : undefined;
  },
};

/** The directory that the environment variable CRYPTLIB names. */
export const cryptlibDirectory = (): string => process.env.CRYPTLIB ?? '/nonexistent';

/** cryptlib, 3.4.9 or later, built where its source is. */
export const CRYPTLIB: ForeignProgram = {
  name: 'cryptlib',
  unpackaged: true,
  missing: () => {
    const built = ['cryptlib.h', 'libcl.a'].every((file) => existsSync(join(cryptlibDirectory(), file)));
    if (!built) return 'no cryptlib: build it from github.com/cryptlib/cryptlib and name its directory by CRYPTLIB';
    return says('cc', ['--version']) === undefined ? 'no cc: install gcc' : undefined;
  },
};

/** OpenSSL's command line, which judges certificates and CRLs. */
export const OPENSSL: ForeignProgram = {
  name: 'openssl',
  missing: () => (says('openssl', ['version']) === undefined ? 'no openssl: install openssl' : undefined),
};

/**
 * Declares tests that need foreign programs. Where one is missing they are skipped, with the reason in their names; in
 * continuous integration (CI=true) that is a failure, unless no package brings the program.
 */
export function describeWith(programs: readonly ForeignProgram[], tests: () => void): void {
  const name = programs[0]?.name ?? '';
  const missing = programs.flatMap((program) => {
    const reason = program.missing();
    return reason === undefined ? [] : [{ reason, unpackaged: program.unpackaged === true }];
  });
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const reasons = missing.map(({ reason }) => reason).join(', ');
  describe.skip(`${name} (${reasons})`, tests);
  if (process.env.CI === 'true' && missing.some(({ unpackaged }) => !unpackaged))
    test(`${name} is there, as CI demands`, () => {
      throw new Error(reasons);
    });
}
