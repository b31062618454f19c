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
  /** Its client secret, masked. */
  readonly applicationKey: string;
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
  /** Masked. */
  readonly proxyPassword: string;
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
  applicationKey: '',
  authority: 'https://login.microsoftonline.com/',
  graphUrl: 'https://graph.microsoft.com/',
  resourceUrl: 'https://api.manage.microsoft.com/',
  proxyUrl: '',
  proxyUser: '',
  proxyPassword: '',
  timeout: 10,
  releaseWithin: '1d',
  revocation: true,
};

/** Where the two are in the clear, among the secrets of the alias. */
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
  @MaxLength(1024)
  applicationKey?: string;

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
  @IsString()
  @MaxLength(1024)
  proxyPassword?: string;

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

const problem = (name: keyof IntuneSettings, message: string | undefined): FieldProblem[] =>
  message === undefined ? [] : [{ field: `challenge.intune.${name}`, message }];

/** What no decorator finds in the settings, whether they are in use or not. */
export function intuneProblems(settings: IntuneSettings): FieldProblem[] {
  const { authority, graphUrl, resourceUrl, proxyUrl, releaseWithin } = settings;
  const period = parsePeriod(releaseWithin);
  return [
    ...problem('authority', endpointProblem(authority)),
    ...problem('graphUrl', endpointProblem(graphUrl)),
    ...problem('resourceUrl', outboundUrlProblem(resourceUrl, false)),
    ...problem('proxyUrl', proxyUrl === '' ? undefined : proxyProblem(proxyUrl)),
    ...problem(
      'releaseWithin',
      period === undefined || isEmptyPeriod(period) ? `must be ${PERIOD_NOTATION}` : undefined,
    ),
  ];
}

/** Without what the service cannot be asked. */
export const missingIntune = (settings: IntuneSettings): FieldProblem[] =>
  (['tenant', 'applicationId', 'applicationKey'] as const).flatMap((name) =>
    problem(name, settings[name] === '' ? 'must be set where challenge.kind is intune' : undefined),
  );

/** What an alias that asks the service cannot have besides. */
export function intuneConflicts({ approval, renewal, ra, limits }: IntuneSurroundings): FieldProblem[] {
  const kind = 'where challenge.kind is intune: its devices know no waiting for an officer';
  const noOfficer = `must be false ${kind}`;
  return [
    ...(approval.enrolment ? [{ field: 'approval.enrolment', message: noOfficer }] : []),
    ...(approval.renewal ? [{ field: 'approval.renewal', message: noOfficer }] : []),
    ...(ra.existingEndEntity === 'approval'
      ? [{ field: 'ra.existingEndEntity', message: `must not be approval ${kind}` }]
      : []),
    ...(limits.supersede === 'atOnce'
      ? [
          {
            field: 'limits.supersede',
            message:
              'must not be atOnce where challenge.kind is intune: the service can still refuse the certificate that takes the place',
          },
        ]
      : []),
    ...(renewal.enabled && !renewal.challengeRequired
      ? [
          {
            field: 'renewal.challengeRequired',
            message:
              'must be true where challenge.kind is intune, or renewal.enabled false: the service has to hear of each certificate',
          },
        ]
      : []),
  ];
}

/** The settings of an alias that {@link intuneConflicts} looks at. */
export interface IntuneSurroundings {
  readonly approval: { readonly enrolment: boolean; readonly renewal: boolean };
  readonly renewal: { readonly enabled: boolean; readonly challengeRequired: boolean };
  readonly ra: { readonly existingEndEntity: string };
  readonly limits: { readonly supersede: string };
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
