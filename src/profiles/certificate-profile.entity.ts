import { Entity, Unique } from 'typeorm';
import { IdentityColumn, ProfileEntity } from './profile.entity';

/** One row of `certificate_profiles`. */
@Entity('certificate_profiles')
@Unique('certificate_profiles_name_key', ['name'])
export class CertificateProfileEntity extends ProfileEntity {
  @IdentityColumn('integer', 'certificate_profiles_pkey')
  id: number;
}
