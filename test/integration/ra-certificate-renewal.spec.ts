import { X509Certificate } from 'node:crypto';
import { RaCertificateRenewalJob } from '../../src/jobs/ra-certificate-renewal.job';
import type { Generation } from '../../src/authorities/authority';
import { openAuthorities, type AuthorityRoom } from '../support/authorities';
import { testDatabase, type TestDatabase } from '../support/test-database';

const ADMIN = 'administrator';
let database: TestDatabase;
let gateways: [AuthorityRoom, AuthorityRoom];

beforeEach(async () => {
  database = await testDatabase();
  const first = await openAuthorities(database);
  gateways = [first, await openAuthorities(database, first.clock)];
});

afterEach(async () => {
  for (const gateway of gateways) await gateway.close();
  await database.close();
});

const current = async (gateway: AuthorityRoom, name = 'CA'): Promise<Generation> =>
  (await gateway.catalogue.byName(name))!.generations.current;
const shown = async (gateway: AuthorityRoom): Promise<string[]> =>
  (await current(gateway)).raCertificates.map(({ serialHex }) => serialHex);
const decrypting = async (gateway: AuthorityRoom): Promise<string[]> =>
  (await current(gateway)).scepDecrypters.map(({ certificate }) => certificate.serialHex);
const run = (gateway: AuthorityRoom): Promise<void> => new RaCertificateRenewalJob(gateway.raCertificates).run();

describe('renewal of RA certificates', () => {
  beforeEach(async () => {
    await gateways[0].service.create(ADMIN, {
      name: 'CA',
      subject: 'CN=CA',
      keyAlgorithm: 'EC-P256',
      settings: { raValidityDays: 300 },
    });
  });

  it('begins when a third of the lifetime is left, the former one still decrypting', async () => {
    const [gateway, other] = gateways;
    const [before] = await shown(gateway);
    gateway.clock.advance({ days: 199 });
    await run(gateway);
    expect(await shown(gateway)).toEqual([before]);
    gateway.clock.advance({ days: 1, hours: 1 });
    await run(gateway);
    const [after] = await shown(gateway);
    expect(after).not.toBe(before);
    expect(await decrypting(gateway)).toEqual([after, before]);
    const generation = await current(gateway);
    const renewed = generation.raCertificates[0]!;
    expect(generation.scepSigner.certificate).toBe(renewed);
    expect(renewed.notAfter.getTime() - gateway.clock.now().getTime()).toBe(300 * 86_400_000);
    expect(new X509Certificate(renewed.der).checkIssued(new X509Certificate(generation.certificate.der))).toBe(true);
    await run(other);
    expect(await shown(gateway)).toEqual([after]);
  });

  it('happens once though two gateways do it at the same time', async () => {
    const before = await shown(gateways[0]);
    gateways[0].clock.advance({ days: 250 });
    await Promise.all([...gateways, ...gateways].map(run));
    const [one, other] = await Promise.all(gateways.map(shown));
    expect(one).toEqual(other);
    expect(one).not.toEqual(before);
    const [{ rows, keys }] = await gateways[0].dataSource.query(
      'select (select count(*)::integer from ra_certificates) as rows, (select count(*)::integer from keys) as keys',
    );
    expect({ rows, keys }).toEqual({ rows: 2, keys: 3 });
    const events = await gateways[0].dataSource.query(
      `select actor, target, details from audit_events where action = 'authority.renew-ra-certificates'`,
    );
    expect(events).toEqual([
      {
        actor: 'gateway',
        target: 'authorities/CA',
        details: { issued: [{ purpose: 'both', serialNumber: one![0] }], retired: 1, removed: 0 },
      },
    ]);
  });

  it('removes a former one with its key once it has expired', async () => {
    const [gateway] = gateways;
    const [before] = await shown(gateway);
    gateway.clock.advance({ days: 250 });
    await run(gateway);
    expect(await decrypting(gateway)).toContain(before);
    gateway.clock.advance({ days: 51 });
    await run(gateway);
    expect(await decrypting(gateway)).toEqual(await shown(gateway));
    const [{ keys }] = await gateway.dataSource.query('select count(*)::integer as keys from keys');
    expect(keys).toBe(2);
  });

  it('renews both of a pair, each in its time', async () => {
    const [gateway] = gateways;
    await gateway.service.change(ADMIN, 'CA', { settings: { raCertificate: 'pair' } });
    const before = await shown(gateway);
    gateway.clock.advance({ days: 290 });
    await run(gateway);
    const after = await shown(gateway);
    expect(after).toHaveLength(2);
    expect(after.filter((serial) => before.includes(serial))).toEqual([]);
  });

  it('does not keep renewing when the end of the CA is near', async () => {
    const [gateway] = gateways;
    await gateway.service.create(ADMIN, {
      name: 'Short',
      subject: 'CN=Short',
      keyAlgorithm: 'EC-P256',
      validityDays: 20,
    });
    const [before] = (await current(gateway, 'Short')).raCertificates;
    gateway.clock.advance({ days: 19 });
    await run(gateway);
    const after = await current(gateway, 'Short');
    expect(after.raCertificates.map(({ der }) => der)).toEqual([before!.der]);
  });

  it('goes on with the other authorities where one cannot be opened', async () => {
    const [gateway, other] = gateways;
    await gateway.service.create(ADMIN, { name: 'Aged', subject: 'CN=A', keyAlgorithm: 'EC-P384' });
    await gateway.dataSource.query(
      `update keys set sealed_private_key = '\\x00' where id in
        (select g.key_id from authority_generations g join authorities a on a.id = g.authority_id where a.name = 'CA')`,
    );
    const [before] = (await current(other, 'Aged')).raCertificates;
    other.clock.advance({ days: 700 });
    await run(other);
    const [after] = (await current(other, 'Aged')).raCertificates;
    expect(after!.serialHex).not.toBe(before!.serialHex);
  });
});
