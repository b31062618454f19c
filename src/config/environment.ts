import { availableParallelism, hostname } from 'node:os';
import { resolve } from 'node:path';
import { compile as compileTrust } from 'proxy-addr';
import { LOG_LEVELS } from '../common/logger';
import type { LogLevel } from '../common/logger';
import { demandProtection, readTlsFiles } from './listener-protection';
import type { TlsFiles } from './listener-protection';
import { readNdesListener } from './ndes-listener';
import type { NdesListenerConfig } from './ndes-listener';
import { VariableReader } from './variable-reader';
import type { Environment } from './variable-reader';

/** What the process was told by its environment: checked and frozen. */
export interface Config {
  /** Address the devices' listener binds to; `::` takes IPv4 too. */
  readonly publicHost: string;
  readonly publicPort: number;
  /** Address the administrators' listener binds to. */
  readonly adminHost: string;
  readonly adminPort: number;
  /** TLS of the administrators' listener; plain HTTP without. */
  readonly adminTls?: TlsFiles;
  /** A proxy in front of the administrators' listener does the TLS. */
  readonly adminBehindProxy: boolean;
  /** Listener of NDES's page; without, the page is on the administrators' listener. */
  readonly ndes?: NdesListenerConfig;
  /** What devices reach this gateway by, without a slash at the end: goes into CRL distribution points and AIA. */
  readonly publicUrl: string;
  /** Whether `publicUrl` was given; otherwise it is a guess from the name of this machine. */
  readonly publicUrlIsSet: boolean;
  /** PostgreSQL; absent only in the primary of a gateway that runs a database of its own. */
  readonly databaseUrl?: string;
  /** The database is the gateway's own. */
  readonly databaseIsEmbedded: boolean;
  /** Connections per worker. */
  readonly databasePoolSize: number;
  /** Absolute. */
  readonly dataDir: string;
  /** Bearer token of the first administrator; absent only where it is yet to be generated. */
  readonly adminToken?: string;
  /** File that the token came from, to tell the operator; absent where it stood in the environment itself. */
  readonly adminTokenFile?: string;
  /** Path of the file with the key-encryption keys; absent only where it is yet to be generated. */
  readonly keyEncryptionKeyFile?: string;
  /** Number of processes that serve. */
  readonly workers: number;
  readonly logLevel: LogLevel;
  /** Addresses, CIDR ranges or names of ranges (`loopback`, `linklocal`, `uniquelocal`) whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('Config');

const MINIMUM_ADMIN_TOKEN_LENGTH = 16;

/**
 * Reads and checks the configuration.
 *
 * @param environment variables; the process's own unless given
 * @returns frozen
 * @throws ConfigError naming all mistakes at once, and no value
 */
export function loadConfig(environment: Environment = process.env): Config {
  const read = new VariableReader(environment);
  const publicPort = read.integer('PUBLIC_PORT', 0, 65_535, 8080);
  const adminPort = read.integer('ADMIN_PORT', 0, 65_535, 9090);
  if (publicPort === adminPort && publicPort !== 0) read.mistake('ADMIN_PORT is to differ from PUBLIC_PORT');
  const adminHost = read.text('ADMIN_HOST') ?? '127.0.0.1';
  const adminTls = readTlsFiles(read, 'ADMIN', read.text('ADMIN_TLS_CERT_FILE'), read.text('ADMIN_TLS_KEY_FILE'));
  const adminBehindProxy = read.flag('ADMIN_BEHIND_PROXY');
  demandProtection(read, 'ADMIN', { host: adminHost, tls: adminTls, behindProxy: adminBehindProxy });
  const publicUrl = readPublicUrl(read);
  const config: Config = {
    publicHost: read.text('PUBLIC_HOST') ?? '::',
    publicPort,
    adminHost,
    adminPort,
    ...optional('adminTls', adminTls),
    adminBehindProxy,
    ...optional('ndes', readNdesListener(read, [publicPort, adminPort])),
    publicUrl: publicUrl ?? `http://${hostname()}:${publicPort}`,
    publicUrlIsSet: publicUrl !== undefined,
    ...optional('databaseUrl', readDatabaseUrl(read)),
    databaseIsEmbedded: read.flag(EMBEDDED_DATABASE_VARIABLE),
    databasePoolSize: read.integer('DATABASE_POOL_SIZE', 2, 100, 4),
    dataDir: resolve(read.text('DATA_DIR') ?? 'data'),
    ...optional('adminToken', readAdminToken(read)),
    ...optional('adminTokenFile', read.text('ADMIN_TOKEN_FILE')),
    ...optional('keyEncryptionKeyFile', readKeyEncryptionKeyFile(read)),
    workers: read.integer('WORKERS', 1, 256, availableParallelism()),
    logLevel: read.choice<LogLevel>('LOG_LEVEL', LOG_LEVELS, 'info'),
    trustedProxies: Object.freeze(readTrustedProxies(read)),
  };
  demandSecretsBesideForeignDatabase(read, environment);
  read.finish();
  return Object.freeze(config);
}

/** Set by the primary for its workers: `DATABASE_URL` then names the database that the gateway runs itself. */
export const EMBEDDED_DATABASE_VARIABLE = 'SCEP_GATEWAY_EMBEDDED_DATABASE';

function optional<K extends string, V>(name: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<K, V>>);
}

// Secrets are made up only beside a database that lies in the same directory: two gateways on one database must agree.
function demandSecretsBesideForeignDatabase(read: VariableReader, environment: Environment): void {
  const given = (name: string): boolean => (environment[name]?.trim() ?? '') !== '';
  if (!given('DATABASE_URL') && !given('DATABASE_URL_FILE')) return;
  if (!given('KEY_ENCRYPTION_KEY_FILE')) read.mistake('KEY_ENCRYPTION_KEY_FILE is required with DATABASE_URL');
  if (!given('ADMIN_TOKEN') && !given('ADMIN_TOKEN_FILE'))
    read.mistake('ADMIN_TOKEN or ADMIN_TOKEN_FILE is required with DATABASE_URL');
}

function readDatabaseUrl(read: VariableReader): string | undefined {
  const text = read.secret('DATABASE_URL');
  if (text === undefined || /^postgres(ql)?:\/\/[^\s]*$/.test(text)) return text;
  read.mistake('DATABASE_URL is to be a URL like postgresql://user:password@host:5432/database');
  return undefined;
}

function readAdminToken(read: VariableReader): string | undefined {
  const token = read.secret('ADMIN_TOKEN');
  if (token === undefined) return undefined;
  // What RFC 6750 section 2.1 lets into an Authorization header.
  if (token.length >= MINIMUM_ADMIN_TOKEN_LENGTH && /^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token;
  read.mistake(
    `ADMIN_TOKEN is to have at least ${MINIMUM_ADMIN_TOKEN_LENGTH} characters out of A-Z a-z 0-9 . _ ~ + / - ` +
      '(and = at the end)',
  );
  return undefined;
}

function readKeyEncryptionKeyFile(read: VariableReader): string | undefined {
  const name = 'KEY_ENCRYPTION_KEY_FILE';
  const path = read.text(name);
  if (path === undefined) return undefined;
  return read.readFile(name, path) === undefined ? undefined : resolve(path);
}

function readPublicUrl(read: VariableReader): string | undefined {
  const text = read.text('PUBLIC_URL');
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    url.search + url.hash + url.username + url.password === '' &&
    !/[?#]/.test(text);
  if (usable) return url.href.replace(/\/+$/, '');
  read.mistake('PUBLIC_URL is to be an http or https URL without user, query or fragment');
  return undefined;
}

function readTrustedProxies(read: VariableReader): string[] {
  const entries = (read.text('TRUSTED_PROXIES') ?? '').split(',').map((entry) => entry.trim());
  const proxies = entries.filter((entry) => entry !== '');
  try {
    compileTrust(proxies);
    return proxies;
  } catch {
    read.mistake('TRUSTED_PROXIES is to be a list of IP addresses or CIDR ranges, separated by commas');
    return [];
  }
}
