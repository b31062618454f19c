import { IsBoolean, IsInt, IsOptional, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import type { FieldProblem } from '../../common/checked-input';
import { outboundUrlProblem } from '../../outbound/outbound-url';
import { isEmptyPeriod, parsePeriod, PERIOD_NOTATION } from '../../profiles/period';

/** How an alias asks Microsoft Intune. The addresses differ in national clouds. */
export interface IntuneSettings {
  /** Of the directory: its domain or its id. */
  readonly tenant: string;
  /** Of the application that was registered for this gateway. */
  readonly applicationId: string;
  /** Where tokens are given out, without the tenant. */
  readonly authority: string;
  /** Where the addresses of the services are found. */
  readonly graphUrl: string;
  /** What the token is asked for; nothing is sent there. */
  readonly resourceUrl: string;
  /** Through which all goes: `http://host:port`; empty: none. */
  readonly proxyUrl: string;
  /** Where the proxy wants Basic; empty: it does not. */
  readonly proxyUser: string;
  /** Seconds that each single call may take. */
  readonly timeout: number;
  /** After how long a certificate is revoked whose success notification does not get through, a period. */
  readonly releaseWithin: string;
  /** Whether this alias fetches the service's revocation requests. */
  readonly revocation: boolean;
}

/** What a field is when it is not given. */
export const INTUNE_DEFAULTS: IntuneSettings = {
  tenant: '',
  applicationId: '',
  authority: 'https://login.microsoftonline.com/',
  graphUrl: 'https://graph.microsoft.com/',
  resourceUrl: 'https://api.manage.microsoft.com/',
  proxyUrl: '',
  proxyUser: '',
  timeout: 10,
  releaseWithin: '1d',
  revocation: true,
};

/** The secrets beside them, by their field. */
export const INTUNE_SECRETS = {
  applicationKey: 'challenge.intune.applicationKey',
  proxyPassword: 'challenge.intune.proxyPassword',
} as const;

const LONGEST_URL = 300;

/** `challenge.intune` of an alias as it is given. */
export class IntuneInput {
  // It becomes a part of a path, so it may hold nothing that means anything there.
  @IsOptional()
  @IsString()
  @MaxLength(255)
  @Matches(/^[A-Za-z0-9.-]*$/, { message: '$property must be a domain or an id' })
  tenant?: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  @Matches(/^[A-Za-z0-9-]*$/, { message: '$property must be an id' })
  applicationId?: string;

  @IsOptional()
  @IsString()
  @Length(1, LONGEST_URL)
  authority?: string;

  @IsOptional()
  @IsString()
  @Length(1, LONGEST_URL)
  graphUrl?: string;

  @IsOptional()
  @IsString()
  @Length(1, LONGEST_URL)
  resourceUrl?: string;

  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_URL)
  proxyUrl?: string;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  proxyUser?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(60)
  timeout?: number;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  releaseWithin?: string;

  @IsOptional()
  @IsBoolean()
  revocation?: boolean;
}

/**
 * Whether a URL leads to the machine itself: a relay there, which is the one case in which http will do and the loopback
 * address may be reached.
 */
export function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * What no decorator finds.
 * @param inUse whether the alias's kind is `intune`, which needs a tenant and an application
 */
export function intuneProblems(settings: IntuneSettings, inUse: boolean): FieldProblem[] {
  const problem = (name: keyof IntuneSettings, message: string | undefined): FieldProblem[] =>
    message === undefined ? [] : [{ field: `challenge.intune.${name}`, message }];
  const releaseWithin = parsePeriod(settings.releaseWithin);
  return [
    ...problem('authority', endpointProblem(settings.authority)),
    ...problem('graphUrl', endpointProblem(settings.graphUrl)),
    ...problem('resourceUrl', outboundUrlProblem(settings.resourceUrl, false)),
    ...problem('proxyUrl', settings.proxyUrl === '' ? undefined : proxyProblem(settings.proxyUrl)),
    ...problem(
      'releaseWithin',
      releaseWithin === undefined || isEmptyPeriod(releaseWithin) ? `must be ${PERIOD_NOTATION}` : undefined,
    ),
    ...(inUse
      ? [
          ...problem('tenant', settings.tenant === '' ? 'is needed for this kind of challenge' : undefined),
          ...problem(
            'applicationId',
            settings.applicationId === '' ? 'is needed for this kind of challenge' : undefined,
          ),
        ]
      : []),
  ];
}

function endpointProblem(url: string): string | undefined {
  const problem = outboundUrlProblem(url, isLoopbackUrl(url));
  if (problem !== undefined) return problem;
  return new URL(url).search === '' ? undefined : 'must not have a query';
}

function proxyProblem(url: string): string | undefined {
  const problem = outboundUrlProblem(url, true);
  if (problem !== undefined) return problem;
  return new URL(url).protocol === 'http:' ? undefined : 'must be an http URL: the tunnel through it is encrypted';
}
