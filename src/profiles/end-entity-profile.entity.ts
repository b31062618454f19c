import { Entity, Unique } from 'typeorm';
import { IdentityColumn, ProfileEntity } from './profile.entity';

/** One row of `end_entity_profiles`. */
@Entity('end_entity_profiles')
@Unique('end_entity_profiles_name_key', ['name'])
export class EndEntityProfileEntity extends ProfileEntity {
  @IdentityColumn('integer', 'end_entity_profiles_pkey')
  id: number;
}
