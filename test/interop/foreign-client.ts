import { spawnSync } from 'node:child_process';

/** A program that nobody here wrote. */
export interface ForeignProgram {
  readonly name: string;
  /** What is missing to use it, with the Debian package that has it; undefined if nothing is. */
  readonly missing: () => string | undefined;
}

const says = (command: string, args: readonly string[]): string | undefined => {
  const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
  return error === undefined ? stdout + stderr : undefined;
};

/** strongSwan's `pki`, whose sub-commands `--scepca` and `--scep` are a SCEP client from version 5.9.8 on. */
export const STRONGSWAN: ForeignProgram = {
  name: 'strongSwan pki',
  missing: () => {
    const help = says('pki', ['--help']);
    if (help === undefined) return 'no pki: install strongswan-pki';
    if (!help.includes('--scep')) return 'pki without --scep: install strongswan-pki 5.9.8 or later';
    if (!/loaded plugins:.* (curl|soup)\b/.test(help)) return 'pki has no HTTP: install libstrongswan-extra-plugins';
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

/** OpenSSL's command line, which judges certificates. */
export const OPENSSL: ForeignProgram = {
  name: 'openssl',
  missing: () => (says('openssl', ['version']) === undefined ? 'no openssl: install openssl' : undefined),
};

/**
 * Declares tests that need foreign programs. Where one is missing they are skipped, with the reason in their names; in
 * continuous integration (CI=true) that is a failure.
 */
export function describeWith(programs: readonly ForeignProgram[], tests: () => void): void {
  const name = programs[0]?.name ?? '';
  const missing = programs.flatMap((program) => program.missing() ?? []);
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const reason = missing.join(', ');
  describe.skip(`${name} (${reason})`, tests);
  if (process.env.CI === 'true')
    test(`${name} is there, as CI demands`, () => {
      throw new Error(reason);
    });
}
