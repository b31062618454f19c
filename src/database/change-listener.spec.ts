import { createServer, type AddressInfo, type Server } from 'node:net';
import { createLogger } from '../common/logger';
import { ChangeListener } from './change-listener';

/** Stands for a balancer whose server is away: it takes connections, and closes them at the first byte. */
async function balancerWithoutServer(): Promise<{ server: Server; url: string }> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end());
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `postgresql://scep@127.0.0.1:${(server.address() as AddressInfo).port}/scep` };
}

it('a connection that cannot be made is told to whoever asked for it, and is no lost one besides', async () => {
  const { server, url } = await balancerWithoutServer();
  const lines: string[] = [];
  const listener = new ChangeListener({
    url,
    channel: 'anything',
    heartbeat: 'select 1',
    onChange: () => undefined,
    logger: createLogger('trace', { write: (line) => lines.push(line) }),
  });
  try {
    await expect(listener.start()).rejects.toThrow('Connection terminated');
    expect(lines).toEqual([]);
  } finally {
    await listener.stop();
    await new Promise((resolve) => server.close(resolve));
  }
});
