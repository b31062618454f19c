import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditLog } from '../audit/audit-log';
import { AuditedChange } from '../audit/audited-change';
import { CLOCK, type Clock } from '../common/clock';
import { ServiceError } from '../common/service-error';
import {
  ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY,
  ALLOWED_AUTHORITIES_KEY,
  ALLOWED_PROFILES_KEY,
  END_ENTITY_PROFILE_LINKS,
  EndEntityProfileEntity,
} from './end-entity-profile.entity';
import { checkedEndEntityProfile, type CheckedEndEntityProfile } from './end-entity-profile.input';
import { ProfileRegistry } from './profile.registry';

const removedMeanwhile = (): ServiceError =>
  new ServiceError('conflict', 'what the profile names was removed meanwhile: look at what there is and try again');

/** The end entity profiles. */
@Injectable()
export class EndEntityProfileRegistry extends ProfileRegistry<CheckedEndEntityProfile> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    auditedChange: AuditedChange,
    auditLog: AuditLog,
    @Inject(CLOCK) clock: Clock,
  ) {
    super(
      { dataSource, auditedChange, auditLog, clock },
      {
        entity: EndEntityProfileEntity,
        resource: 'end-entity-profile',
        noun: 'end entity profile',
        checked: checkedEndEntityProfile,
        links: END_ENTITY_PROFILE_LINKS,
        nameKey: 'end_entity_profiles_name_key',
        users: {
          end_entities_end_entity_profile_id_fkey: 'end entities use',
          [ALIAS_REGISTRATIONS_END_ENTITY_PROFILE_KEY]: 'an alias registers end entities by',
        },
        conflicts: { [ALLOWED_AUTHORITIES_KEY]: removedMeanwhile, [ALLOWED_PROFILES_KEY]: removedMeanwhile },
      },
    );
  }
}
