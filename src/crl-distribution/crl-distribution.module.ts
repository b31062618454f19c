import { Module } from '@nestjs/common';
import { AuthoritiesModule } from '../authorities/authorities.module';
import { CrlDoor } from './crl-door';

/** CRLs on the devices' listener. Needs the database's providers, CLOCK and LOGGER globally. */
@Module({ imports: [AuthoritiesModule], providers: [CrlDoor], exports: [CrlDoor] })
export class CrlDistributionModule {}
