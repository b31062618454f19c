import { Entity, Unique } from 'typeorm';
import { IdentityColumn, ProfileEntity } from './profile.entity';

/** The foreign key by which the templates of an alias refer to a certificate profile. */
export const ALIAS_TEMPLATES_PROFILE_KEY = 'alias_templates_certificate_profile_id_fkey';

/** The foreign key by which the end entities that an alias registers refer to a certificate profile. */
export const ALIAS_REGISTRATIONS_CERTIFICATE_PROFILE_KEY = 'alias_registrations_certificate_profile_id_fkey';

/** One row of `certificate_profiles`. */
@Entity('certificate_profiles')
@Unique('certificate_profiles_name_key', ['name'])
export class CertificateProfileEntity extends ProfileEntity {
  @IdentityColumn('integer', 'certificate_profiles_pkey')
  id: number;
}
