'use strict';

/*
 * The import table of the house, lowest room first. A room may import any room above it in this list, unless `only`
 * narrows that. The build fails on a breach, on any cycle, and on a file that lives in no room.
 */
const rooms = [
  { path: 'common' },
  { path: 'config' },
  { path: 'outbound', only: ['common'] },
  { path: 'listeners', only: ['common', 'config'] },
  { path: 'database', also: ['^migrations/'] },
  { path: 'pki/der', only: ['common'] },
  { path: 'pki/x509', only: ['common', 'pki/der'] },
  { path: 'pki/cms', only: ['common', 'pki/der', 'pki/x509'] },
  { path: 'keys' },
  { path: 'device-profiles' },
  { path: 'audit' },
  { path: 'requests' },
  { path: 'notifications' },
  { path: 'profiles' },
  { path: 'certificates' },
  { path: 'authorities' },
  { path: 'end-entities' },
  { path: 'challenges' },
  { path: 'aliases' },
  { path: 'ra-accounts' },
  { path: 'approvals' },
  { path: 'enrolment' },
  { path: 'jobs' },
  { path: 'startup' },
  { path: 'scep/message', only: ['common', 'pki/der', 'pki/x509', 'pki/cms', 'device-profiles'] },
  { path: 'scep/operations' },
  { path: 'doctor' },
  { path: 'client', only: ['common', 'pki/der', 'pki/x509', 'pki/cms', 'scep/message'] },
  { path: 'scep/transport', door: true },
  { path: 'ocsp', door: true },
  { path: 'crl-distribution', door: true },
  { path: 'ndes', door: true },
  { path: 'admin', door: true },
  { path: 'cli', door: true },
];

const inRoom = (path) => `^src/${path}/`;

const tableRules = rooms.map((room, index) => {
  const below = rooms
    .slice(0, index)
    .filter((other) => other.path !== 'client' || room.path === 'cli')
    .filter((other) => !other.door)
    .map((other) => other.path);
  const allowed = room.only ?? below;
  return {
    name: `room-${room.path.replace('/', '-')}`,
    comment: `src/${room.path} may import only what stands below it in the table`,
    severity: 'error',
    from: { path: inRoom(room.path), pathNot: '\\.spec\\.ts$' },
    to: {
      path: '^(src|test|bench|migrations)/',
      pathNot: [inRoom(room.path), ...allowed.map(inRoom), ...(room.also ?? [])],
    },
  };
});

module.exports = {
  forbidden: [
    ...tableRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-homeless-file',
      comment: 'a source file lives in a room of the table, or is main.ts or app.module.ts',
      severity: 'error',
      from: { path: '^src/', pathNot: [...rooms.map((room) => inRoom(room.path)), '^src/(main|app\\.module)\\.ts$'] },
      to: {},
    },
    {
      name: 'no-homeless-file-without-imports',
      severity: 'error',
      from: {
        orphan: true,
        path: '^src/',
        pathNot: [...rooms.map((room) => inRoom(room.path)), '^src/(main|app\\.module)\\.ts$'],
      },
      to: {},
    },
    {
      name: 'no-homeless-file-imported',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: [...rooms.map((room) => inRoom(room.path)), '^src/(main|app\\.module)\\.ts$'] },
    },
    {
      name: 'nobody-imports-the-top',
      severity: 'error',
      from: { pathNot: ['^src/main\\.ts$', '^test/'] },
      to: { path: '^src/(main|app\\.module)\\.ts$' },
    },
    { name: 'no-barrels', severity: 'error', from: {}, to: { path: '/index\\.ts$', pathNot: 'node_modules' } },
    {
      name: 'asn1-libraries-in-pki-only',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: ['^src/pki/', '\\.spec\\.ts$'] },
      to: { path: 'node_modules/(pkijs|asn1js)/' },
    },
    {
      name: 'node-crypto-in-few-places',
      severity: 'error',
      from: {
        path: '^(src|migrations)/',
        pathNot: ['^src/pki/', '^src/keys/', '^src/common/(random-source|digest)\\.ts$', '\\.spec\\.ts$'],
      },
      to: { path: '^(node:)?crypto$' },
    },
    {
      name: 'pure-rooms',
      comment: 'encoding and behaviour data know no framework and no database',
      severity: 'error',
      from: { path: '^src/(pki|scep/message|device-profiles)/' },
      to: { path: 'node_modules/(@nestjs|typeorm|express|pg)/' },
    },
    {
      name: 'http-at-the-edges',
      comment: 'what is in the middle does not know how a request came',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/(listeners|outbound|startup|client|scep/transport|ocsp|crl-distribution|ndes|admin|cli)/',
          '\\.spec\\.ts$',
        ],
      },
      to: { path: ['^(node:)?https?$', 'node_modules/(@types/)?express/'] },
    },
    {
      name: 'src-never-imports-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
