import * as asn1js from 'asn1js';
import { CertificationRequest as PkijsRequest } from 'pkijs';

import { TestSigningKey } from '../../../test/support/test-signing-key';
import { RECORDED, vector } from '../../../test/support/vectors';
import { DerError } from '../der/der-error';
import {
  bitString,
  contextConstructed,
  element,
  ia5String,
  oid,
  printableString,
  sequence,
  setOf,
  unsignedInteger,
  utf8String,
} from '../der/der-writer';
import { Tag } from '../der/tag';
import {
  buildCertificationRequest,
  CertificationRequest,
  type CertificationRequestContent,
} from './certification-request';
import { DistinguishedName } from './distinguished-name';
import { basicConstraints, extensions, keyUsage, subjectAltName } from './extension';
import { readGeneralNames } from './general-name';
import { Oid } from './oid';
import { signatureAlgorithm } from './signature-algorithm';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const rsa = TestSigningKey.rsa();
const ec = TestSigningKey.ec();
const subject = DistinguishedName.parse('CN=User Usersson,O=PrimeKey,C=SE');

const content = (overrides: Partial<CertificationRequestContent> = {}): CertificationRequestContent => ({
  subject,
  signer: rsa,
  challengePassword: 'foo123',
  extensions: [keyUsage(['digitalSignature']), subjectAltName([{ type: 'dns', value: 'r1' }], false)],
  digest: 'sha256',
  ...overrides,
});
const build = async (overrides: Partial<CertificationRequestContent> = {}) =>
  CertificationRequest.read(await buildCertificationRequest(content(overrides)));

const attribute = (type: string, ...values: Buffer[]): Buffer => sequence(oid(type), element(Tag.SET, ...values));
const challenge = (...values: Buffer[]) => attribute(Oid.challengePassword, ...values);

/** A signed request with these attributes, unsorted. */
const withAttributes = (...attributes: Buffer[]): CertificationRequest =>
  signed(unsignedInteger(0), subject.raw, rsa.publicKey.spki, contextConstructed(0, ...attributes));

function signed(...parts: Buffer[]): CertificationRequest {
  const info = sequence(...parts);
  return CertificationRequest.read(
    sequence(info, signatureAlgorithm('rsa', 'sha256'), bitString(rsa.sign('sha256', info))),
  );
}

describe('what our builder writes', () => {
  it.each([
    ['RSA', rsa],
    ['EC', ec],
  ])('PKI.js reads and verifies, with %s', async (_, signer) => {
    const ours = await build({ signer });
    const theirs = new PkijsRequest({ schema: asn1js.fromBER(ours.der).result });
    expect(await theirs.verify()).toBe(true);
    expect(Buffer.from(theirs.subject.toSchema().toBER())).toEqual(subject.raw);
    expect(theirs.attributes!.map(({ type }) => type).sort()).toEqual(
      [Oid.extensionRequest, Oid.challengePassword].sort(),
    );
    const password = theirs.attributes!.find(({ type }) => type === Oid.challengePassword)!
      .values[0] as asn1js.PrintableString;
    expect([password.idBlock.tagNumber, password.valueBlock.value]).toEqual([19, 'foo123']);
  });

  it('comes back', async () => {
    const request = await build();
    expect(request.subject.equals(subject)).toBe(true);
    expect(request.challengePassword).toBe('foo123');
    expect(request.extensions).toEqual(content().extensions);
    expect(request.publicKey.equals(rsa.publicKey)).toBe(true);
    expect(request.signatureAlgorithm).toEqual({ keyType: 'rsa', digest: 'sha256' });
    expect(request.verify()).toBe(true);
  });

  it('leaves out what is not wanted', async () => {
    const request = await build({ challengePassword: undefined, extensions: [] });
    expect([request.attributes, request.challengePassword, request.extensions]).toEqual([[], undefined, []]);
    expect(request.verify()).toBe(true);
  });

  it('takes any text as challengePassword', async () => {
    expect((await build({ challengePassword: 'påss*word' })).challengePassword).toBe('påss*word');
  });
});

describe('CertificationRequest.verify (G-03)', () => {
  it('is false when a bit of the content was changed', async () => {
    const der = Buffer.from((await build()).der);
    der[der.indexOf('User Usersson')]! ^= 1;
    expect(CertificationRequest.read(der).verify()).toBe(false);
  });

  it('is false when another key signed', () => {
    const info = sequence(unsignedInteger(0), subject.raw, TestSigningKey.rsa().publicKey.spki, contextConstructed(0));
    const der = sequence(info, signatureAlgorithm('rsa', 'sha256'), bitString(rsa.sign('sha256', info)));
    expect(CertificationRequest.read(der).verify()).toBe(false);
  });

  it.each([
    ['an algorithm of another kind of key', signatureAlgorithm('ec', 'sha256')],
    ['an algorithm without a digest', sequence(oid(Oid.rsaEncryption))],
    ['an unknown algorithm', sequence(oid('1.2.3'))],
  ])('is false for %s', async (_, algorithm) => {
    const { info } = await build();
    const request = CertificationRequest.read(sequence(info, algorithm, bitString(rsa.sign('sha256', info))));
    expect(request.verify()).toBe(false);
  });
});

describe('I-32: the challengePassword', () => {
  it.each([
    ['PrintableString', printableString('secret')],
    ['UTF8String', utf8String('secret')],
    ['IA5String', ia5String('secret')],
    ['T61String', element(Tag.T61_STRING, Buffer.from('secret'))],
    ['BMPString', element(Tag.BMP_STRING, Buffer.from('secret', 'utf16le').swap16())],
    ['UniversalString', element(Tag.UNIVERSAL_STRING, hex('00000073 00000065 00000063 00000072 00000065 00000074'))],
  ])('is read from a %s', (_, value) => {
    expect(withAttributes(challenge(value)).challengePassword).toBe('secret');
  });

  it('is absent when it is empty (N-10)', () => {
    expect(withAttributes(challenge(utf8String(''))).challengePassword).toBeUndefined();
  });

  it.each([
    ['it occurs twice', [challenge(utf8String('a')), challenge(utf8String('a'))]],
    ['it has two values', [challenge(utf8String('a'), utf8String('b'))]],
    ['it has no value', [challenge()]],
    ['it is no text', [challenge(element(Tag.OCTET_STRING, Buffer.from('a')))]],
  ])('is refused when %s', (_, attributes) => {
    expect(() => withAttributes(...attributes)).toThrow(DerError);
  });

  it('is not in any message', () => {
    for (const bad of [
      [utf8String('hunter2'), utf8String('hunter2')],
      [element(Tag.UTF8_STRING, hex('ff'), Buffer.from('hunter2'))],
    ])
      expect(() => withAttributes(challenge(...bad))).toThrow(/^(?!.*hunter2)/);
  });
});

describe('I-31: the extensions asked for', () => {
  const wanted = extensions([basicConstraints(false)]);

  it.each([
    ['PKCS #9', Oid.extensionRequest],
    ['Microsoft', Oid.microsoftCertificateExtensions],
    ['VeriSign (old SCEP drafts)', Oid.verisignExtensionRequest],
  ])('are read from the attribute of %s', (_, type) => {
    expect(withAttributes(attribute(type, wanted)).extensions).toEqual([basicConstraints(false)]);
  });

  it.each([
    ['they occur twice', [attribute(Oid.extensionRequest, wanted), attribute(Oid.extensionRequest, wanted)]],
    [
      'two attributes hold them',
      [attribute(Oid.extensionRequest, wanted), attribute(Oid.microsoftCertificateExtensions, wanted)],
    ],
    ['there are two values', [attribute(Oid.extensionRequest, wanted, wanted)]],
    [
      'one extension occurs twice',
      [attribute(Oid.extensionRequest, extensions([basicConstraints(true), basicConstraints(false)]))],
    ],
  ])('are refused when %s', (_, attributes) => {
    expect(() => withAttributes(...attributes)).toThrow(DerError);
  });
});

describe('CertificationRequest.read', () => {
  it('takes attributes in any order and unknown ones (strongSwan, Windows)', () => {
    const osVersion = attribute('1.3.6.1.4.1.311.13.2.3', ia5String('10.0.19045.2'));
    const request = withAttributes(
      attribute(Oid.extensionRequest, extensions([])),
      osVersion,
      challenge(utf8String('secret')),
      osVersion,
    );
    expect(request.attributes.map(({ oid: type }) => type)).toHaveLength(4);
    expect(request.verify()).toBe(true);
  });

  it('takes a request without attributes, an empty subject, another version', () => {
    const request = signed(unsignedInteger(1), hex('30 00'), rsa.publicKey.spki);
    expect([request.attributes, request.subject.isEmpty, request.verify()]).toEqual([[], true, true]);
  });

  it('leaves the key to those who ask for it', () => {
    const request = signed(
      unsignedInteger(0),
      subject.raw,
      sequence(sequence(oid('1.3.101.112')), bitString(hex('00'))),
    );
    expect(() => request.publicKey).toThrow('algorithm is not supported');
    expect(() => request.verify()).toThrow(DerError);
  });

  it.each([
    ['a subject that is no Name', () => signed(unsignedInteger(0), hex('30 02 05 00'), rsa.publicKey.spki)],
    ['no public key', () => signed(unsignedInteger(0), subject.raw)],
    [
      'something behind the attributes',
      () => signed(unsignedInteger(0), subject.raw, rsa.publicKey.spki, contextConstructed(0), hex('0500')),
    ],
    ['65 attributes', () => withAttributes(...Array.from({ length: 65 }, () => attribute('1.2.3', hex('0500'))))],
    ['17 values', () => withAttributes(attribute('1.2.3', ...Array.from({ length: 17 }, () => hex('0500'))))],
    ['an attribute that is no SEQUENCE', () => withAttributes(hex('0500'))],
    ['values that are no SET', () => withAttributes(sequence(oid('1.2.3'), sequence()))],
    [
      'bytes behind the request',
      () => CertificationRequest.read(Buffer.concat([vector(`requests/${RECORDED[0]}.der`), hex('00')])),
    ],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(DerError);
  });
});

describe('requests that clients made', () => {
  it.each(RECORDED)('%s', (name) => {
    const ours = CertificationRequest.read(vector(`requests/${name}.der`));
    expect(ours.verify()).toBe(true);
    expect(ours.challengePassword).toBe('secret');
    const theirs = new PkijsRequest({ schema: asn1js.fromBER(ours.der).result });
    expect(Buffer.from(theirs.subject.toSchema().toBER())).toEqual(ours.subject.raw);
    expect(ours.subject.first(Oid.commonName)).toBe(
      theirs.subject.typesAndValues.find(({ type }) => type === Oid.commonName)!.value.valueBlock.value,
    );
    expect(ours.attributes.map(({ oid: type }) => type)).toEqual(theirs.attributes!.map(({ type }) => type));
  });

  it('strongSwan asks for a subjectAltName', () => {
    const request = CertificationRequest.read(vector('requests/strongswan/5.9.8-enrol.der'));
    const names = request.extensions
      .filter(({ oid: type }) => type === Oid.subjectAltName)
      .flatMap(({ value }) => readGeneralNames(value));
    expect(names).toEqual([{ type: 'dns', value: 'strongswan-sha384.example' }]);
  });
});

describe('attributes', () => {
  it('are written in DER order', async () => {
    const { attributes } = await build();
    const raws = attributes.map(({ raw }) => raw);
    expect(setOf(raws, 0xa0)).toEqual(contextConstructed(0, ...raws));
  });
});
