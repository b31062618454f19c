import type { MigrationInterface } from 'typeorm';
import { InitialSchema1700000000001 } from '../../migrations/1-initial-schema';
import { Crls1700000000002 } from '../../migrations/2-crls';
import { LatestCertificate1700000000003 } from '../../migrations/3-latest-certificate';
import { Rollover1700000000004 } from '../../migrations/4-rollover';
import { Approvals1700000000005 } from '../../migrations/5-approvals';
import { AliasTemplates1700000000007 } from '../../migrations/7-alias-templates';
import { OriginsAndIndexes1700000000008 } from '../../migrations/8-origins-and-indexes';
import { ApprovalSearches1700000000009 } from '../../migrations/9-approval-searches';
import { ApprovalPasswords1700000000010 } from '../../migrations/10-approval-passwords';
import { AliasSecrets1700000000011 } from '../../migrations/11-alias-secrets';
import { Registrations1700000000012 } from '../../migrations/12-registrations';
import { OneTimeChallenges1700000000013 } from '../../migrations/13-one-time-challenges';
import { RaAccounts1700000000014 } from '../../migrations/14-ra-accounts';
import { Notifications1700000000015 } from '../../migrations/15-notifications';
import { CertificateRelease1700000000016 } from '../../migrations/16-certificate-release';
import { EndEntityProfiles1700000000017 } from '../../migrations/17-end-entity-profiles';
import { Limits1700000000021 } from '../../migrations/21-limits';
import { SubjectKeys1700000000022 } from '../../migrations/22-subject-keys';

/** All migrations of this release, oldest first. The number at the end of a class name orders and identifies it. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  InitialSchema1700000000001,
  Crls1700000000002,
  LatestCertificate1700000000003,
  Rollover1700000000004,
  Approvals1700000000005,
  AliasTemplates1700000000007,
  OriginsAndIndexes1700000000008,
  ApprovalSearches1700000000009,
  ApprovalPasswords1700000000010,
  AliasSecrets1700000000011,
  Registrations1700000000012,
  OneTimeChallenges1700000000013,
  RaAccounts1700000000014,
  Notifications1700000000015,
  CertificateRelease1700000000016,
  EndEntityProfiles1700000000017,
  Limits1700000000021,
  SubjectKeys1700000000022,
];
