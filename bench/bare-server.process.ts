import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { BareServerOrder } from './bare-server';

/*
 * An HTTP server that does nothing but answer, in as many processes as the gateway has: what is left of a request when
 * all that the gateway does with it is taken away.
 */
const { workers, contentType, body } = JSON.parse(process.argv[2] ?? '') as BareServerOrder;

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: join(__dirname, 'bare-server.process.js'), args: process.argv.slice(2) });
  let listening = 0;
  cluster.on('listening', (_worker, { port }) => {
    listening++;
    if (listening === workers) process.send?.(port);
  });
  for (let count = 0; count < workers; count++) cluster.fork();
  // The load generator is gone.
  process.once('disconnect', () => process.exit());
} else {
  const bytes = Buffer.from(body, 'base64');
  createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': bytes.length });
    response.end(bytes);
    // Any port, the same for all processes: the primary sees to that.
  }).listen(0, '127.0.0.1');
}
