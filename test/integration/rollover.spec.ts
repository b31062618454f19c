import { X509Certificate } from 'node:crypto';
import { AuditEventEntity } from '../../src/audit/audit-event.entity';
import type { Authority } from '../../src/authorities/authority';
import type { NewAuthority } from '../../src/authorities/authority.service';
import type { RolloverRequest } from '../../src/authorities/rollover.service';
import { RolloverJob } from '../../src/jobs/rollover.job';
import { Certificate } from '../../src/pki/x509/certificate';
import { CertificationRequest } from '../../src/pki/x509/certification-request';
import { pem } from '../../src/pki/x509/pem';
import { openAuthorities, type AuthorityRoom } from '../support/authorities';
import { ForeignRoot } from '../support/foreign-root';
import { testDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';

const ADMIN = 'administrator';
const SWITCH = new Date('2026-02-01T00:00:00.000Z');
let database: TestDatabase;
let room: AuthorityRoom;
/** A second gateway on the same database. */
let other: AuthorityRoom;

beforeEach(async () => {
  database = await testDatabase();
  room = await openAuthorities(database);
  other = await openAuthorities(database, room.clock);
});

afterEach(async () => {
  await room.close();
  await other.close();
  await database.close();
});

const create = (more: Partial<NewAuthority> = {}): Promise<unknown> =>
  room.service.create(ADMIN, { name: 'CA', subject: 'CN=CA,O=Example', ...more });
/** With the same key unless told otherwise, since making one takes long. */
const plan = (request: Partial<RolloverRequest> = {}, name = 'CA'): Promise<unknown> =>
  room.rollovers.plan(ADMIN, name, { key: 'same', ...request });
const loaded = async (name = 'CA', from = room): Promise<Authority> => (await from.catalogue.byName(name))!;
const next = async (name = 'CA') => (await loaded(name)).generations.next!;
const states = async (name = 'CA'): Promise<string[]> =>
  (await room.service.get(name)).generations.map(({ generation: { number, state } }) => `${number} ${state}`);
const actions = async (): Promise<unknown[]> =>
  (await room.dataSource.manager.find(AuditEventEntity, { order: { occurredAt: 'ASC' } })).map(
    ({ actor, action }) => `${actor} ${action}`,
  );
const issued = (certificate: Certificate, issuer: Certificate): boolean =>
  new X509Certificate(certificate.der).checkIssued(new X509Certificate(issuer.der)) &&
  new X509Certificate(certificate.der).verify(new X509Certificate(issuer.der).publicKey);

describe('a planned rollover', () => {
  it('of a root has a new key, the same name, and a certificate from the switch on, as long as the present one', async () => {
    await create();
    await plan({ key: 'new', activateAt: SWITCH });
    const { current } = (await loaded()).generations;
    const { certificate, number, startsAt, scepDecrypters } = await next();
    expect(number).toBe(2);
    expect(startsAt).toEqual(SWITCH);
    expect(certificate.subject.raw).toEqual(current.certificate.subject.raw);
    expect(certificate.publicKey.equals(current.certificate.publicKey)).toBe(false);
    expect(certificate.notBefore).toEqual(SWITCH);
    expect(certificate.notAfter.getTime() - SWITCH.getTime()).toBe(3650 * 86_400_000);
    expect(issued(certificate, certificate)).toBe(true);
    expect(scepDecrypters.map(({ certificate: one }) => one.serialHex)).toEqual([certificate.serialHex]);
    expect(await states()).toEqual(['2 next', '1 current']);
    expect(await actions()).toEqual(['administrator authority.create', 'administrator authority.plan-rollover']);
  });

  it('with the same key has another certificate for it, valid at once where no time is set', async () => {
    await create();
    await plan({ key: 'same', validityDays: 30 });
    const { current } = (await loaded()).generations;
    const { certificate, startsAt } = await next();
    expect(certificate.publicKey.equals(current.certificate.publicKey)).toBe(true);
    expect(certificate.serialHex).not.toBe(current.certificate.serialHex);
    expect(startsAt).toEqual(certificate.notBefore);
    expect(certificate.notBefore.toISOString()).toBe('2026-01-02T02:04:05.000Z');
    expect(certificate.notAfter.toISOString()).toBe('2026-02-01T03:04:05.000Z');
  });

  it('can be valid at once although it takes its turn later', async () => {
    await create({ validityDays: 100 });
    await plan({ activateAt: SWITCH, validFrom: 'now' });
    const { certificate, startsAt } = await next();
    expect(startsAt).toEqual(SWITCH);
    expect(certificate.notBefore.toISOString()).toBe('2026-01-02T02:04:05.000Z');
    expect(certificate.notAfter.toISOString()).toBe('2026-05-12T00:00:00.000Z');
    await room.rollovers.activate(ADMIN, 'CA');
    expect(await states()).toEqual(['2 current', '1 previous']);
  });

  it('of a subordinate is certified by the present generation of its issuer, with which it ends at the latest', async () => {
    await create({ name: 'Root', subject: 'CN=Root', validityDays: 1000 });
    await create({ name: 'Sub', subject: 'CN=Sub', issuer: { authority: 'Root' }, validityDays: 500 });
    await plan({}, 'Root');
    await room.rollovers.activate(ADMIN, 'Root');
    await plan({ key: 'new', validityDays: 5000, keyAlgorithm: 'RSA-3072', activateAt: SWITCH }, 'Sub');
    const root = (await loaded('Root')).generations.current;
    const { certificate, chain } = await next('Sub');
    expect(root.number).toBe(2);
    expect(issued(certificate, root.certificate)).toBe(true);
    expect(chain.map(({ serialHex }) => serialHex)).toEqual([root.certificate.serialHex]);
    expect(certificate.notBefore).toEqual(SWITCH);
    expect(certificate.notAfter).toEqual(root.certificate.notAfter);
    expect(certificate.publicKey.bits).toBe(3072);
  });

  it('has RA certificates of its own before its turn, which are renewed and follow the settings (D-06)', async () => {
    await create({ keyAlgorithm: 'EC-P256', settings: { raValidityDays: 90 } });
    await plan({ activateAt: SWITCH });
    const before = await next();
    const [ra] = before.raCertificates;
    expect(issued(ra!, before.certificate)).toBe(true);
    expect(ra!.notBefore).toEqual(SWITCH);
    expect(before.scepSigner.certificate.serialHex).toBe(ra!.serialHex);
    await room.service.change(ADMIN, 'CA', { settings: { raCertificate: 'pair' } });
    expect((await next()).raCertificates).toHaveLength(2);
    room.clock.advance({ days: 95 });
    const [sign] = (await next()).raCertificates;
    await room.raCertificates.renewDue();
    expect((await next()).raCertificates[0]!.serialHex).not.toBe(sign!.serialHex);
  });

  it.each([
    ['a past moment', { activateAt: new Date('2026-01-01T00:00:00Z') }, 'activateAt'],
    [
      'a moment behind the end of the present certificate',
      { activateAt: new Date('2036-01-02T00:00:00Z') },
      'activateAt',
    ],
    ['an algorithm for the key that stays', { key: 'same', keyAlgorithm: 'RSA-2048' }, 'keyAlgorithm'],
  ] as const)('is refused with %s', async (_, request, field) => {
    await create();
    await expect(plan(request)).rejects.toMatchObject({ code: 'invalid-input', fields: [{ field }] });
  });

  it('is one at a time, and none before the first certificate is there', async () => {
    await create();
    await plan();
    await expect(plan()).rejects.toMatchObject({ code: 'conflict' });
    await create({ name: 'Waiting', subject: 'CN=Waiting', issuer: 'external' });
    await expect(plan({}, 'Waiting')).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.rollovers.withdraw(ADMIN, 'Waiting')).rejects.toMatchObject({ code: 'conflict' });
    await expect(plan({}, 'None')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is planned once though two administrators do it at the same time', async () => {
    await create();
    const planned = await Promise.allSettled([plan(), other.rollovers.plan(ADMIN, 'CA', { key: 'same' })]);
    expect(planned.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await states()).toEqual(['2 next', '1 current']);
  });

  it('can be withdrawn: the generation stays for what it has issued, and another can be planned', async () => {
    await create({ settings: { raCertificate: 'single' } });
    await plan();
    const { id } = await next();
    await room.rollovers.withdraw(ADMIN, 'CA');
    expect((await loaded()).generations).toMatchObject({ next: undefined, former: [{ id, number: 2 }] });
    await plan();
    expect(await states()).toEqual(['3 next', '2 withdrawn', '1 current']);
    await expect(room.rollovers.activate(ADMIN, 'CA')).resolves.toBeDefined();
    await expect(room.rollovers.withdraw(ADMIN, 'CA')).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a CA that one elsewhere certifies', () => {
  const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2030-01-01T00:00:00Z') };

  it('waits with a CSR for its next certificate, which may begin later, and goes on meanwhile', async () => {
    const root = await ForeignRoot.create('Foreign', validity);
    const answer = async (begin: Date): Promise<string> => {
      const der = await root.answer(await room.service.request('CA'), { ...validity, notBefore: begin });
      return pem('CERTIFICATE', der) + pem('CERTIFICATE', root.der);
    };
    await create({ issuer: 'external' });
    const first = await answer(validity.notBefore);
    await room.service.importCertificate(ADMIN, 'CA', first);
    await expect(plan({ validityDays: 3 })).rejects.toMatchObject({ fields: [{ field: 'validityDays' }] });

    await plan({ key: 'same' });
    expect(await states()).toEqual(['2 pending', '1 current']);
    await expect(room.service.importCertificate(ADMIN, 'CA', first)).rejects.toMatchObject({
      fields: [{ field: 'certificates' }],
    });
    await room.rollovers.withdraw(ADMIN, 'CA');
    expect(await states()).toEqual(['1 current']);
    expect((await loaded()).generations.current.number).toBe(1);

    await plan({ key: 'new' });
    const request = CertificationRequest.read(await room.service.request('CA'));
    expect(request.subject.toString()).toBe('CN=CA,O=Example');
    await expect(room.rollovers.activate(ADMIN, 'CA')).rejects.toMatchObject({ code: 'conflict' });
    await room.service.importCertificate(ADMIN, 'CA', await answer(SWITCH));
    expect(await states()).toEqual(['2 next', '1 current']);
    expect((await next()).startsAt).toEqual(SWITCH);
    await expect(room.rollovers.activate(ADMIN, 'CA')).rejects.toMatchObject({ code: 'conflict' });
    room.clock.set(SWITCH);
    await room.rollovers.activate(ADMIN, 'CA');
    expect((await loaded()).generations.current.certificate.publicKey.equals(request.publicKey)).toBe(true);
  });

  it('does not take the certificate of a key that another one has replaced meanwhile', async () => {
    const root = await ForeignRoot.create('Foreign', validity);
    await create({ name: 'Other', issuer: 'external' });
    await create({ issuer: 'external' });
    const der = await root.answer(await room.service.request('CA'), validity);
    const runner = room.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`select from authorities where name = 'CA' for update`);
    const importing = room.service.importCertificate(
      ADMIN,
      'CA',
      pem('CERTIFICATE', der) + pem('CERTIFICATE', root.der),
    );
    const refused = expect(importing).rejects.toMatchObject({ code: 'conflict' });
    try {
      await until(async () => {
        const waiting = await other.dataSource.query<unknown[]>(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        return waiting.length === 1;
      });
      // As another administrator does who withdraws and plans anew.
      await runner.query(`update authority_generations g set key_id = o.key_id
        from authority_generations o join authorities a on a.id = o.authority_id where a.name = 'Other' and g.id <> o.id`);
      await runner.commitTransaction();
    } finally {
      await runner.release();
    }
    await refused;
    expect(await states()).toEqual(['1 pending']);
  });
});

describe('the switch', () => {
  const run = (gateway: AuthorityRoom): Promise<void> => new RolloverJob(gateway.rollovers).run();

  it('comes by itself at the set time, once though two gateways do it, and all gateways know', async () => {
    await create();
    await plan({ activateAt: SWITCH, overlapHours: 5 });
    room.clock.set(new Date(SWITCH.getTime() - 1));
    await run(room);
    expect(await states()).toEqual(['2 next', '1 current']);
    room.clock.set(SWITCH);
    await Promise.all([run(room), run(other)]);
    expect(await states()).toEqual(['2 current', '1 previous']);
    expect((await actions()).filter((action) => action === 'gateway authority.activate-rollover')).toHaveLength(1);
    await other.configurationVersion.refresh();
    for (const gateway of [room, other]) {
      const { current, previous } = (await loaded('CA', gateway)).generations;
      expect([current.number, previous!.number]).toEqual([2, 1]);
      expect(previous!.opensUntil.getTime()).toBe(SWITCH.getTime() + 5 * 3_600_000);
    }
  });

  it('comes at the end of the present certificate where no time is set', async () => {
    await create({ validityDays: 10 });
    await plan({ validityDays: 100 });
    const { notAfter } = (await loaded()).generations.current.certificate;
    room.clock.set(notAfter);
    await run(room);
    expect(await states()).toEqual(['2 next', '1 current']);
    room.clock.advance({ milliseconds: 1 });
    await run(room);
    expect(await states()).toEqual(['2 current', '1 previous']);
  });

  it('makes the one before the previous retired: it keeps its key for CRLs, but no RA certificates', async () => {
    await create({ settings: { raCertificate: 'single', rolloverOverlapHours: 1 } });
    for (let generation = 2; generation <= 3; generation++) {
      await plan();
      await room.rollovers.activate(ADMIN, 'CA');
    }
    expect(await states()).toEqual(['3 current', '2 previous', '1 retired']);
    const { generations } = await loaded();
    expect(generations.former.map(({ number }) => number)).toEqual([1]);
    expect(generations.previous!.opensUntil.getTime()).toBe(room.clock.now().getTime() + 3_600_000);
    const { generations: records } = await room.service.get('CA');
    expect(records.map(({ raCertificates }) => raCertificates.length)).toEqual([1, 1, 0]);
    const [row] = await room.dataSource.query('select count(*)::int as n from keys');
    expect(row).toEqual({ n: 3 });
    await room.service.delete(ADMIN, 'CA');
    expect(await room.dataSource.query('select from keys')).toEqual([]);
  });

  it('lets the previous generation keep its RA certificates when the settings change after it', async () => {
    await create({ settings: { raCertificate: 'pair' } });
    await plan();
    await room.rollovers.activate(ADMIN, 'CA');
    await room.service.change(ADMIN, 'CA', { settings: { raCertificate: 'none' } });
    const { current, previous } = (await loaded()).generations;
    expect(current.raCertificates).toEqual([]);
    expect(previous!.raCertificates).toHaveLength(2);
  });

  it('waits while the next certificate is not valid yet, by hand too', async () => {
    await create();
    await plan({ activateAt: SWITCH });
    await expect(room.rollovers.activate(ADMIN, 'CA')).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.rollovers.activate(ADMIN, 'None')).rejects.toMatchObject({ code: 'not-found' });
  });
});
