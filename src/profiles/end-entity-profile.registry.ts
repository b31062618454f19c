import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditLog } from '../audit/audit-log';
import { AuditedChange } from '../audit/audited-change';
import { CLOCK, type Clock } from '../common/clock';
import { EndEntityProfileEntity } from './end-entity-profile.entity';
import { checkedEndEntityProfile, type CheckedEndEntityProfile } from './end-entity-profile.input';
import { ProfileRegistry } from './profile.registry';

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
        constraints: {
          name: 'end_entity_profiles_name_key',
          endEntities: 'end_entities_end_entity_profile_id_fkey',
        },
      },
    );
  }
}
