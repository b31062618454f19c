import { requestRow, type RequestRecord } from './request-record';

const record: RequestRecord = {
  id: '3f0c7c1e-7a0e-4a5c-9a5e-0d5b6f6d1f11',
  receivedAt: new Date('2026-01-02T03:04:05.678Z'),
  alias: 'scep',
  source: '192.0.2.1',
  method: 'POST',
  outcome: 'issued',
  serialNumber: Buffer.from('0a1b', 'hex'),
  decoded: { cipher: 'aes128' },
};

describe('the row of a request record', () => {
  it('writes bytes and times as PostgreSQL reads them from JSON', () => {
    expect(requestRow(record)).toMatchObject({
      received_at: '2026-01-02T03:04:05.678Z',
      serial_number: '\\x0a1b',
      fail_info: null,
      decoded: { cipher: 'aes128' },
    });
  });

  it('replaces what PostgreSQL cannot store, wherever a device put it', () => {
    const row = requestRow({
      ...record,
      transactionID: 'a\0b',
      subject: 'CN=\ud800x',
      decoded: { extensions: [{ value: '\0' }], well: 'ä😀' },
    });
    expect(row).toMatchObject({
      transaction_id: 'a\uFFFDb',
      subject: 'CN=\uFFFDx',
      decoded: { extensions: [{ value: '\uFFFD' }], well: 'ä😀' },
    });
  });

  it('cuts what a device made too long, the user name to what the index of the table can hold', () => {
    const row = requestRow({
      ...record,
      username: 'ä'.repeat(10_000),
      subject: `CN=${'x'.repeat(10_000)}`,
      decoded: { signer: { subject: 'y'.repeat(10_000) }, extensions: Array.from({ length: 1000 }, () => '1.2.3') },
    });
    expect(row.username).toBe(`${'ä'.repeat(254)}…`);
    expect(row.subject).toMatch(/^CN=x{1996}…$/);
    const { signer, extensions } = row.decoded as { signer: { subject: string }; extensions: string[] };
    expect([signer.subject.length, extensions.length]).toEqual([2000, 100]);
  });

  it('leaves no half of a surrogate pair where it cuts', () => {
    expect(requestRow({ ...record, username: '😀'.repeat(200) }).username).toBe(`${'😀'.repeat(127)}…`);
    expect(requestRow({ ...record, username: `x${'😀'.repeat(200)}` }).username).toBe(`x${'😀'.repeat(126)}\uFFFD…`);
  });
});
