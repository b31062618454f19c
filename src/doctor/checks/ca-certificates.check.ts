import { needsOf, type AliasUnderExamination, type Check, type ExaminedAuthority } from '../alias-under-examination';
import { changeAlias, type Finding } from '../finding';

/** Whether what GetCACert and a CertRep hold is what the clients can work with. */
export const caCertificates: Check = (alias) => [
  ...alias.authorities.flatMap((authority) => answerOfGetCaCert(alias, authority)),
  ...reply(alias),
];

function answerOfGetCaCert(alias: AliasUnderExamination, { name, shown }: ExaminedAuthority): Finding[] {
  const { root, singleCertificate } = needsOf(alias);
  const findings: Finding[] = [];
  if (root === true && !shown.some(({ isSelfIssued }) => isSelfIssued))
    findings.push({
      level: 'error',
      rule: 'ca.root-missing',
      what: `GetCACert of ${name} does not hold the root.`,
      why: 'The devices of this profile need the self-signed certificate at the top of the chain in that answer, and stop without it.',
      mend: 'Show the whole chain.',
      commands: [
        changeAlias(
          alias.name,
          'caCertificateResponse.chain=true',
          'caCertificateResponse.includeRoot=true',
          'caCertificateResponse.singleCertificate=false',
        ),
      ],
    });
  if (singleCertificate === true && shown.length > 1)
    findings.push({
      level: 'error',
      rule: 'ca.too-many-certificates',
      what: `GetCACert of ${name} answers with ${shown.length} certificates.`,
      why: 'The devices of this profile read an answer with exactly one.',
      mend: 'Show the issuing CA alone; it has to speak SCEP itself then.',
      commands: [changeAlias(alias.name, 'caCertificateResponse.singleCertificate=true')],
    });
  return findings;
}

function reply(alias: AliasUnderExamination): Finding[] {
  const { caCertificateInReply } = needsOf(alias);
  const held = alias.settings.includeCaCertificate;
  if (caCertificateInReply === 'required' && held === 'none')
    return [
      {
        level: 'error',
        rule: 'reply.ca-certificate-missing',
        what: 'Answers hold the issued certificate alone.',
        why: 'The devices of this profile need the CA certificate in the same answer.',
        mend: 'Include it.',
        commands: [changeAlias(alias.name, 'includeCaCertificate=issuer')],
      },
    ];
  if (caCertificateInReply === 'forbidden' && held !== 'none')
    return [
      {
        level: 'error',
        rule: 'reply.ca-certificate-included',
        what: 'Answers hold the CA certificate besides the issued one.',
        why: 'The devices of this profile refuse an answer with more than their own certificate.',
        mend: 'Leave it out.',
        commands: [changeAlias(alias.name, 'includeCaCertificate=none')],
      },
    ];
  return [];
}
