'use strict';

/*
 * `node --require` this file to have a process end when the test that started it is gone, however that ended: the test
 * holds the other end of its standard input. Workers leave it to their primary.
 */
if (process.channel === undefined) {
  process.stdin.resume();
  process.stdin.once('end', () => {
    process.kill(process.pid, 'SIGKILL');
  });
  process.stdin.unref();
}
