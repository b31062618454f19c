import { DataSource } from 'typeorm';
import { DevicePool, type NamedStatement } from '../../src/database/pg-pool';
import { enrolmentScene, type EnrolmentScene } from '../support/enrolment-scene';
import { enrolled, issued, NEW_KEY, renew } from '../support/renewal';

let scene: EnrolmentScene;
/** Text of each statement that devices have caused, by name. */
const texts = new Map<string, string>();

beforeAll(async () => {
  scene = await enrolmentScene();
  const pool = scene.gateway.application.get(DevicePool, { strict: false });
  const query = pool.query.bind(pool);
  pool.query = (asked: NamedStatement) => {
    texts.set(asked.name, asked.text);
    return query(asked);
  };
  await scene.createAlias('renewing', { renewal: { window: '100%' } });
  const ra = { authenticationPassword: 'a password', existingEndEntity: 'reenrol' };
  await scene.createAlias('mdm', { operationalMode: 'RA', ra });
  await scene.createAlias('officer', { approval: { enrolment: true } });
  const { certificate, key } = await enrolled(scene, 'renewing');
  issued(await renew(scene, { certificate, key }, {}, 'renewing'));
  issued(await scene.enrol('CN=phone', 'a password', {}, 'mdm'));
  issued(await scene.enrol('CN=phone', 'a password', { key: NEW_KEY }, 'mdm'));
  await scene.register('waits', 'secret');
  await scene.enrol('CN=waits', 'secret', {}, 'officer');
});

afterAll(() => scene.close());

// Plans are made once per connection, for no parameters in particular, and mostly while there is next to nothing to look at.
it('no enrolment reads more than its own rows of the tables that grow', async () => {
  const dataSource = scene.gateway.application.get(DataSource, { strict: false });
  const found = new Map<string, string[]>();
  for (const [name, text] of texts) {
    const lines = await dataSource.query<{ 'QUERY PLAN': string }[]>(`explain (generic_plan) ${text}`);
    const scans = lines.flatMap(
      ({ 'QUERY PLAN': line }) => /(Seq Scan on|Index.* Scan using) .*/.exec(line)?.[0] ?? [],
    );
    // The index on statuses holds the id, too.
    const greedy =
      /Seq Scan on (end_entities|certificates|scep_transactions|one_time_challenges|failed_attempts|requests)|using end_entities_by_(authority|certificate_profile|end_entity_profile)/;
    found.set(
      name,
      scans.filter((scan) => greedy.test(scan)),
    );
  }
  expect([...found.keys()]).toEqual(expect.arrayContaining(['enrolment-facts', 'registration-facts', 'renewal-facts']));
  expect(found.size).toBeGreaterThan(6);
  expect([...found].filter(([, scans]) => scans.length > 0)).toEqual([]);
});
