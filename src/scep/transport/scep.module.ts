import { Module } from '@nestjs/common';
import { AliasesModule } from '../../aliases/aliases.module';
import { AuthoritiesModule } from '../../authorities/authorities.module';
import { EnrolmentModule } from '../../enrolment/enrolment.module';
import { RequestsModule } from '../../requests/requests.module';
import { AliasAuthorities } from '../operations/alias-authorities';
import { CertificatesModule } from '../../certificates/certificates.module';
import { CertificateQueryOperation } from '../operations/certificate-query.operation';
import { CertPollOperation } from '../operations/cert-poll.operation';
import { CertRepPresenter } from '../operations/cert-rep.presenter';
import { PkcsReqOperation } from '../operations/pkcs-req.operation';
import { PkiOperation } from '../operations/pki-operation';
import { QueryOperations } from '../operations/query-operations';
import { RequestReader } from '../operations/request-reading';
import { ScepDoor } from './scep-door';

/** SCEP on the devices' listener. Needs the database's providers, CONFIG, CLOCK, RANDOM_SOURCE and LOGGER globally. */
@Module({
  imports: [AliasesModule, AuthoritiesModule, CertificatesModule, EnrolmentModule, RequestsModule],
  providers: [
    AliasAuthorities,
    CertPollOperation,
    CertRepPresenter,
    CertificateQueryOperation,
    PkcsReqOperation,
    PkiOperation,
    QueryOperations,
    RequestReader,
    ScepDoor,
  ],
  exports: [ScepDoor],
})
export class ScepModule {}
