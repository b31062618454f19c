import { CertificateProfileInput } from '../../profiles/certificate-profile.input';
import { IsProfileName } from '../../profiles/profile-name';

/** A new certificate profile. */
export class NewCertificateProfileBody extends CertificateProfileInput {
  @IsProfileName()
  name: string;
}

/** A new name for a certificate profile. */
export class RenameCertificateProfileBody {
  @IsProfileName()
  name: string;
}
