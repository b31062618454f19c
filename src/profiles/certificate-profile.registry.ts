import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditLog } from '../audit/audit-log';
import { AuditedChange } from '../audit/audited-change';
import { CLOCK, type Clock } from '../common/clock';
import {
  ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY,
  ALIAS_TEMPLATES_PROFILE_KEY,
  CertificateProfileEntity,
} from './certificate-profile.entity';
import { checkedCertificateProfile, type CheckedCertificateProfile } from './certificate-profile.input';
import { ALLOWED_PROFILES_KEY } from './end-entity-profile.entity';
import { ProfileRegistry } from './profile.registry';

/** The certificate profiles. */
@Injectable()
export class CertificateProfileRegistry extends ProfileRegistry<CheckedCertificateProfile> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    auditedChange: AuditedChange,
    auditLog: AuditLog,
    @Inject(CLOCK) clock: Clock,
  ) {
    super(
      { dataSource, auditedChange, auditLog, clock },
      {
        entity: CertificateProfileEntity,
        resource: 'certificate-profile',
        noun: 'certificate profile',
        checked: checkedCertificateProfile,
        nameKey: 'certificate_profiles_name_key',
        users: {
          end_entities_certificate_profile_id_fkey: 'end entities use',
          [ALIAS_TEMPLATES_PROFILE_KEY]: 'a template of an alias stands for',
          [ALLOWED_PROFILES_KEY]: 'an end entity profile allows',
          [ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY]: 'an alias registers end entities by',
        },
      },
    );
  }
}
