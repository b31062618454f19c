import { ServiceError } from '../common/service-error';
import type { KeyStore } from '../keys/key-store';
import { Certificate } from '../pki/x509/certificate';
import type {
  FormerGeneration,
  Generation,
  NextGeneration,
  PreviousGeneration,
  ScepDecrypter,
  ScepSigner,
} from './authority';
import type { AuthorityGenerationEntity } from './authority-generation.entity';
import type { AuthoritySettings } from './authority-settings';
import { certificateIssuer } from './issue-certificate';
import type { RaCertificateEntity, RaPurpose } from './ra-certificate.entity';
import { canDecrypt, raCertificateMode, raPurposes } from './ra-certificate.policy';

interface RaCertificate {
  readonly entity: RaCertificateEntity;
  readonly certificate: Certificate;
}

/** In the order in which GetCACert shows them. */
const PURPOSES: readonly RaPurpose[] = ['both', 'sign', 'encrypt'];

/** Makes a {@link Generation} from its rows, keys opened. */
export class GenerationLoader {
  constructor(private readonly keyStore: KeyStore) {}

  /** @param entity a generation with a certificate, whose turn is over for good */
  async former(entity: AuthorityGenerationEntity, { digest }: AuthoritySettings): Promise<FormerGeneration> {
    const certificate = certificateOf(entity);
    const signer = await this.keyStore.signer(entity.keyId);
    return { id: entity.id, number: entity.number, ...certificateIssuer(certificate, signer, digest) };
  }

  /** As {@link load}, for a generation that is made in advance. */
  async next(
    entity: AuthorityGenerationEntity,
    raEntities: readonly RaCertificateEntity[],
    settings: AuthoritySettings,
  ): Promise<NextGeneration> {
    const generation = await this.load(entity, raEntities, settings);
    return { ...generation, startsAt: startOf(generation.certificate, entity.activateAt) };
  }

  /**
   * As {@link load}, for the generation whose turn is just over: with the RA certificates that it had then, for it gets no
   * others, whatever is set since.
   */
  async previous(
    entity: AuthorityGenerationEntity,
    raEntities: readonly RaCertificateEntity[],
    settings: AuthoritySettings,
  ): Promise<PreviousGeneration> {
    const present = PURPOSES.filter((purpose) =>
      raEntities.some((ra) => ra.state === 'current' && ra.purpose === purpose),
    );
    return {
      ...(await this.load(entity, raEntities, settings, present)),
      opensUntil: entity.opensUntil ?? new Date(0),
    };
  }

  /**
   * @param entity a generation with a certificate
   * @param raEntities its RA certificates, newest first
   * @param purposes of the RA certificates that it must have; by default those that the settings ask for
   */
  async load(
    entity: AuthorityGenerationEntity,
    raEntities: readonly RaCertificateEntity[],
    settings: AuthoritySettings,
    purposes = raPurposes(raCertificateMode(settings, certificateOf(entity))),
  ): Promise<Generation> {
    const former = await this.former(entity, settings);
    const { certificate, signer } = former;
    const raCertificates = raEntities.map((ra) => ({ entity: ra, certificate: Certificate.read(ra.certificate) }));
    const shown = purposes.map((purpose) => {
      const found = raCertificates.find((ra) => ra.entity.purpose === purpose && ra.entity.state === 'current');
      if (found === undefined) throw new ServiceError('authority-unavailable', 'an RA certificate is missing');
      return found;
    });
    return {
      ...former,
      chain: entity.chain.map((der) => Certificate.read(der)),
      scepSigner: await this.scepSigner(shown, { certificate, key: signer }),
      scepDecrypters: await this.decrypters(entity.keyId, certificate, shown.length === 0, shown, raCertificates),
      raCertificates: shown.map((ra) => ra.certificate),
    };
  }

  private async scepSigner(shown: readonly RaCertificate[], ca: ScepSigner): Promise<ScepSigner> {
    const ra = shown.find(({ entity }) => entity.purpose !== 'encrypt');
    return ra === undefined ? ca : { certificate: ra.certificate, key: await this.keyStore.signer(ra.entity.keyId) };
  }

  /**
   * The shown certificate comes first. A former RA certificate decrypts as long as it is kept, and so does the CA key
   * wherever its certificate lets clients encrypt to it, for some take the CA certificate whatever else they are shown.
   */
  private async decrypters(
    caKeyId: string,
    caCertificate: Certificate,
    caSpeaksScep: boolean,
    shown: readonly RaCertificate[],
    all: readonly RaCertificate[],
  ): Promise<[ScepDecrypter, ...ScepDecrypter[]]> {
    const ordered = [...shown, ...all.filter((ra) => !shown.includes(ra))];
    const decrypters: ScepDecrypter[] = [];
    for (const { entity, certificate } of ordered)
      if (entity.purpose !== 'sign') decrypters.push({ certificate, key: await this.keyStore.decrypter(entity.keyId) });
    if (caSpeaksScep || canDecrypt(caCertificate)) {
      const ca = { certificate: caCertificate, key: await this.keyStore.decrypter(caKeyId) };
      if (caSpeaksScep) decrypters.unshift(ca);
      else decrypters.push(ca);
    }
    const [first, ...others] = decrypters;
    if (first === undefined) throw new ServiceError('authority-unavailable', 'no key can decrypt');
    return [first, ...others];
  }
}

function certificateOf({ certificate }: AuthorityGenerationEntity): Certificate {
  if (certificate === null) throw new Error('a generation in use has a certificate');
  return Certificate.read(certificate);
}

/**
 * When a next generation's turn comes: as planned, or, where that is left to an administrator, from when on its certificate
 * is valid.
 */
function startOf({ notBefore }: Certificate, activateAt: Date | null): Date {
  return activateAt !== null && activateAt > notBefore ? activateAt : notBefore;
}
