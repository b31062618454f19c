import { CAN_READ_PROCESSES, parseStat, readProcessTree } from '../../bench/process-figures';

test('a command with blanks and parentheses does not shift the fields', () => {
  const { command, fields } = parseStat('42 (a ) (b) R 17 42 42 0 -1 4194560 1 2 3 4 500 60 7 8 20 0 1 0 9 10\n');
  expect(command).toBe('a ) (b');
  expect([fields[1], fields[11], fields[12], fields[13], fields[14]]).toEqual(['17', '500', '60', '7', '8']);
});

const onLinux = CAN_READ_PROCESSES ? test : test.skip;

onLinux('the tree of this process begins with it (Linux only)', () => {
  const [own] = readProcessTree(process.pid);
  expect(own).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(own?.residentBytes).toBeGreaterThan(10_000_000);
  expect(own?.cpuMs).toBeGreaterThan(0);
});
