import { type KeyObject, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { fromBER, type Enumerated, type Integer } from 'asn1js';
import { CertificateRevocationList } from 'pkijs';
import { DerReader } from '../der/der-reader';
import { Tag } from '../der/tag';
import { CertificateListBuilder } from './certificate-list';
import { DistinguishedName } from './distinguished-name';
import { authorityKeyIdentifier, extension } from './extension';
import { PublicKey } from './public-key';

const KEYS: Readonly<Record<string, KeyObject>> = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
};
const THIS_UPDATE = new Date('2026-01-02T03:04:05Z');
const NEXT_UPDATE = new Date('2026-01-03T03:04:05Z');
const KEY_ID = Buffer.from('0102030405060708', 'hex');

function signed(list: CertificateListBuilder, { number = 7n, type = 'rsa', nextUpdate = NEXT_UPDATE } = {}) {
  const key = KEYS[type]!;
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return list.sign({
    issuer: DistinguishedName.parse('CN=CA,O=Example'),
    thisUpdate: THIS_UPDATE,
    nextUpdate,
    number,
    authorityKeyIdentifier: extension(authorityKeyIdentifier(KEY_ID)),
    signer: { publicKey: PublicKey.read(spki), sign: (digest, data) => sign(digest, data, key) },
    digest: 'sha256',
  });
}

describe('a CRL (RFC 5280 section 5)', () => {
  it.each(['rsa', 'ec'])(
    'is version 2, with number, key identifier and a signature that verifies: %s',
    async (type) => {
      const crl = CertificateRevocationList.fromBER(
        await signed(new CertificateListBuilder(), { type, number: 0x8000n }),
      );
      expect(crl.version).toBe(1);
      expect(crl.thisUpdate.value).toEqual(THIS_UPDATE);
      expect(crl.nextUpdate?.value).toEqual(NEXT_UPDATE);
      expect(crl.issuer.typesAndValues.map(({ value }) => value.valueBlock.value)).toEqual(['CA', 'Example']);
      expect(crl.signature.algorithmId).toBe(crl.signatureAlgorithm.algorithmId);
      expect(crl.crlExtensions?.extensions.map(({ extnID, critical }) => [extnID, critical])).toEqual([
        ['2.5.29.35', false],
        ['2.5.29.20', false],
      ]);
      const [identifier, number] = crl.crlExtensions!.extensions.map(
        ({ extnValue }) => extnValue.valueBlock.valueHexView,
      );
      expect(Buffer.from(identifier!).toString('hex')).toContain(KEY_ID.toString('hex'));
      expect((fromBER(number!).result as Integer).toBigInt()).toBe(0x8000n);
      const signature = Buffer.from(crl.signatureValue.valueBlock.valueHexView);
      expect(verify('sha256', crl.tbsView, createPublicKey(KEYS[type]!), signature)).toBe(true);
    },
  );

  it('has no revokedCertificates where there are none (section 5.1.2.6)', async () => {
    const list = new CertificateListBuilder();
    expect(list.entries).toBe(0);
    expect(CertificateRevocationList.fromBER(await signed(list)).revokedCertificates).toBeUndefined();
  });

  it('lists serial number, date and reason; unspecified is left out (section 5.3.1)', async () => {
    const list = new CertificateListBuilder();
    const moment = Date.parse('2026-01-01T00:00:00Z');
    for (const reason of [0, 1, 2, 3, 4, 5, 6, 9, 10])
      list.add(Buffer.of(0x80 + reason), moment + reason * 1000, reason);
    const { revokedCertificates } = CertificateRevocationList.fromBER(await signed(list));
    const entries = revokedCertificates!.map(({ userCertificate, revocationDate, crlEntryExtensions }) => ({
      serial: userCertificate.toBigInt(),
      date: revocationDate.value.getTime() - moment,
      reasons: (crlEntryExtensions?.extensions ?? []).map(({ extnID, critical, extnValue }) => {
        const value = fromBER(extnValue.valueBlock.valueHexView).result as Enumerated;
        return [extnID, critical, value.idBlock.tagNumber, value.valueBlock.valueDec];
      }),
    }));
    expect(entries).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 9, 10].map((reason) => ({
        serial: BigInt(0x80 + reason),
        date: reason * 1000,
        reasons: reason === 0 ? [] : [['2.5.29.21', false, 10, reason]],
      })),
    );
  });

  it('keeps every entry in order however many pieces they fill', async () => {
    const list = new CertificateListBuilder();
    const count = 60_000;
    for (let i = 0; i < count; i++) {
      const serial = Buffer.alloc(16, 1);
      serial.writeUInt32BE(i, 12);
      list.add(serial, THIS_UPDATE.getTime(), 4);
    }
    expect(list.entries).toBe(count);
    const der = await signed(list);
    expect(der.length).toBeGreaterThan(2 << 20);
    // PKI.js refuses so many elements.
    const tbs = new DerReader(der).enter(Tag.SEQUENCE, 'crl').enter(Tag.SEQUENCE, 'tbs');
    for (let i = 0; i < 5; i++) tbs.next('before the entries');
    const entries = tbs.enter(Tag.SEQUENCE, 'entries').rest(count + 1, 'entries');
    const serials = entries.map((entry) => entry.open('entry').expect(Tag.INTEGER, 'serial').content.readUInt32BE(12));
    expect(serials).toHaveLength(count);
    expect(serials.every((serial, index) => serial === index)).toBe(true);
  });

  it('writes times from 2050 on as GeneralizedTime (section 5.1.2.5)', async () => {
    const nextUpdate = new Date('2050-01-01T00:00:00Z');
    const der = await signed(new CertificateListBuilder(), { nextUpdate });
    expect(der.includes(Buffer.from('20500101000000Z'))).toBe(true);
    expect(CertificateRevocationList.fromBER(der).nextUpdate?.value).toEqual(nextUpdate);
  });
});
