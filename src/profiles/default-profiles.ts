import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CertificateProfileRegistry } from './certificate-profile.registry';
import { EndEntityProfileRegistry } from './end-entity-profile.registry';
import { DEFAULT_CERTIFICATE_PROFILE, DEFAULT_END_ENTITY_PROFILE } from './profile-name';

const BOTH = `select 1 from certificate_profiles c, end_entity_profiles e where c.name = $1 and e.name = $2`;

/** Makes the profiles that EJBCA's users know. */
@Injectable()
export class DefaultProfiles {
  constructor(
    private readonly certificateProfiles: CertificateProfileRegistry,
    private readonly endEntityProfiles: EndEntityProfileRegistry,
  ) {}

  /** Creates ENDUSER and EMPTY with default settings where they are missing, in the transaction of `manager`. */
  async ensureDefaultProfiles(manager: EntityManager, actor = 'gateway'): Promise<void> {
    const present = await manager.query<unknown[]>(BOTH, [DEFAULT_CERTIFICATE_PROFILE, DEFAULT_END_ENTITY_PROFILE]);
    if (present.length === 1) return;
    // Two at once must not both find them missing and then both make them.
    await manager.query("select pg_advisory_xact_lock(hashtextextended('scep-gateway default profiles', 0))");
    await this.certificateProfiles.ensure(manager, actor, DEFAULT_CERTIFICATE_PROFILE);
    await this.endEntityProfiles.ensure(manager, actor, DEFAULT_END_ENTITY_PROFILE);
  }

  /** Creates those of them that are needed, for want of a name, and missing, in the transaction of `manager`. */
  async ensureUnnamed(
    manager: EntityManager,
    named: { readonly certificateProfile?: string | null; readonly endEntityProfile?: string | null },
    actor = 'gateway',
  ): Promise<void> {
    if (named.certificateProfile == null)
      await this.certificateProfiles.ensure(manager, actor, DEFAULT_CERTIFICATE_PROFILE);
    if (named.endEntityProfile == null) await this.endEntityProfiles.ensure(manager, actor, DEFAULT_END_ENTITY_PROFILE);
  }
}
