import { Module } from '@nestjs/common';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { CaCertificateDoor } from './ca-certificate-door';
import { CrlDoor } from './crl-door';

/** CRLs and CA certificates on the devices' listener. Needs the database's providers, CLOCK and LOGGER globally. */
@Module({
  imports: [AuthoritiesModule],
  providers: [CrlDoor, CaCertificateDoor],
  exports: [CrlDoor, CaCertificateDoor],
})
export class CrlDistributionModule {}
