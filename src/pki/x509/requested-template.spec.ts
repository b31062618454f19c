import { vector } from '../../../test/support/vectors';
import { DerError } from '../der/der-error';
import { element, oid, sequence, unsignedInteger, utf8String } from '../der/der-writer';
import { Tag } from '../der/tag';
import { CertificationRequest } from './certification-request';
import { Oid } from './oid';
import { requestedTemplates } from './requested-template';

const foreign = (name: string): string[] =>
  requestedTemplates(CertificationRequest.read(vector(`requests/openssl/${name}.der`)));
const asking = (type: string, value: Buffer): string[] =>
  requestedTemplates({ extensions: [{ oid: type, critical: false, value }] });

describe('the certificate template that a request names', () => {
  it.each([
    ['template-name', ['WebServer']],
    ['template-identifier', ['1.3.6.1.4.1.311.21.8.4567.1']],
    ['template-both', ['1.3.6.1.4.1.311.21.8.4567.1', 'WebServer']],
    ['everything', ['1.3.6.1.4.1.311.21.8.4567.1', 'DomainController']],
  ])('is read from what OpenSSL wrote: %s', (name, templates) => {
    expect(foreign(name)).toEqual(templates);
  });

  it('may be in any string type, and its identifier without a version', () => {
    expect(asking(Oid.microsoftTemplateName, utf8String('Gerät'))).toEqual(['Gerät']);
    expect(asking(Oid.microsoftTemplateInformation, sequence(oid('1.2.3')))).toEqual(['1.2.3']);
  });

  it('is none where no extension says so', () => {
    expect(requestedTemplates({ extensions: [] })).toEqual([]);
  });

  it.each([
    ['a name that is no text', Oid.microsoftTemplateName, unsignedInteger(1)],
    ['a name of nothing', Oid.microsoftTemplateName, Buffer.alloc(0)],
    ['a name with a NUL', Oid.microsoftTemplateName, utf8String('Web\0Server')],
    ['half of a surrogate pair', Oid.microsoftTemplateName, element(Tag.BMP_STRING, Buffer.from('d800', 'hex'))],
    ['an identifier without a SEQUENCE', Oid.microsoftTemplateInformation, oid('1.2.3')],
    ['a SEQUENCE without an identifier', Oid.microsoftTemplateInformation, sequence(unsignedInteger(1))],
  ])('cannot be read from %s', (_, type, value) => {
    expect(() => asking(type, value)).toThrow(DerError);
  });
});
