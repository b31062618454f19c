import { builtInUsername } from '../challenges/manufacturer/built-in-certificate';
import { ServiceError } from '../common/service-error';
import type { Certificate } from '../pki/x509/certificate';
import type { DistinguishedName } from '../pki/x509/distinguished-name';
import type { EnrolmentRequest } from './enrolment-request';
import { requestedUsername, USERNAME_ATTRIBUTES } from './requested-username';

/**
 * The user name that a request stands for: where the manufacturer vouches for the device, that in its certificate, else
 * the one in the subject that is asked for.
 * @throws ServiceError `request-refused` where there is none, and where a device asks for another's names
 */
export function usernameOf(request: Pick<EnrolmentRequest, 'alias' | 'builtIn' | 'certificationRequest'>): string {
  const { builtIn, certificationRequest } = request;
  return builtIn === undefined || builtIn.problem !== undefined
    ? requestedUsername(certificationRequest.subject)
    : builtInName(request, builtIn.certificate);
}

function builtInName(
  { alias, certificationRequest: { subject } }: Pick<EnrolmentRequest, 'alias' | 'certificationRequest'>,
  certificate: Certificate,
): string {
  const { manufacturer } = alias.challenge;
  const username = builtInUsername(manufacturer, certificate);
  if (username === undefined)
    throw new ServiceError('request-refused', "the manufacturer's certificate does not say which device this is", {
      rule: 'challenge.manufacturer.username',
      explanation: `its subject is ${certificate.subject.toString()}, and challenge.manufacturer.username of alias ${alias.name} is ${manufacturer.username}`,
    });
  // What the request names is issued: it must be the name of the device that the manufacturer vouches for.
  if (alias.subjectSource === 'request' && !namesIn(subject).includes(username))
    throw new ServiceError(
      'request-refused',
      "the request does not name the device of the manufacturer's certificate",
      {
        rule: 'challenge.manufacturer.subject',
        explanation: `the certificate is that of ${username}, and the subject ${subject.toString()} has this name neither as CN nor as serialNumber or unstructuredName`,
      },
    );
  return username;
}

const namesIn = ({ rdns }: DistinguishedName): string[] =>
  rdns
    .flat()
    .filter(({ oid }) => USERNAME_ATTRIBUTES.includes(oid))
    .map(({ value }) => value.trim());
