import { ServiceError } from '../common/service-error';
import type { KeyStore } from '../keys/key-store';
import { Certificate } from '../pki/x509/certificate';
import type { Generation, ScepDecrypter, ScepSigner } from './authority';
import type { AuthorityGenerationEntity } from './authority-generation.entity';
import type { AuthoritySettings } from './authority-settings';
import { certificateIssuer } from './issue-certificate';
import type { RaCertificateEntity } from './ra-certificate.entity';
import { canDecrypt, raCertificateMode, raPurposes } from './ra-certificate.policy';

interface RaCertificate {
  readonly entity: RaCertificateEntity;
  readonly certificate: Certificate;
}

/** Makes a {@link Generation} from its rows, keys opened. */
export class GenerationLoader {
  constructor(private readonly keyStore: KeyStore) {}

  /**
   * @param entity a generation with a certificate
   * @param raEntities its RA certificates, newest first
   */
  async load(
    entity: AuthorityGenerationEntity,
    raEntities: readonly RaCertificateEntity[],
    settings: AuthoritySettings,
  ): Promise<Generation> {
    if (entity.certificate === null) throw new Error('a generation in use has a certificate');
    const certificate = Certificate.read(entity.certificate);
    const signer = await this.keyStore.signer(entity.keyId);
    const mode = raCertificateMode(settings, certificate);
    const raCertificates = raEntities.map((ra) => ({ entity: ra, certificate: Certificate.read(ra.certificate) }));
    const shown = raPurposes(mode).map((purpose) => {
      const found = raCertificates.find((ra) => ra.entity.purpose === purpose && ra.entity.state === 'current');
      if (found === undefined) throw new ServiceError('authority-unavailable', 'an RA certificate is missing');
      return found;
    });
    return {
      id: entity.id,
      number: entity.number,
      chain: entity.chain.map((der) => Certificate.read(der)),
      ...certificateIssuer(certificate, signer, settings.digest),
      scepSigner: await this.scepSigner(shown, { certificate, key: signer }),
      scepDecrypters: await this.decrypters(entity.keyId, certificate, mode === 'none', shown, raCertificates),
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
