import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { RequestBodies } from './request-body';

const read = (message: IncomingMessage): Promise<Buffer> => new RequestBodies().read(message);

function request(headers: Record<string, string> = {}): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  Object.assign(message.headers, headers);
  return message;
}

describe('the body of a request', () => {
  it('is all its chunks', async () => {
    const message = request();
    message.push('one ');
    message.push('two');
    message.push(null);
    expect((await read(message)).toString()).toBe('one two');
  });

  it('is refused before it is read where its announced length is too large', async () => {
    await expect(read(request({ 'content-length': '262145' }))).rejects.toMatchObject({
      code: 'message-too-large',
    });
  });

  it('is refused as soon as it has become too large', async () => {
    const message = request();
    for (let i = 0; i < 5; i++) message.push(Buffer.alloc(64 * 1024));
    await expect(read(message)).rejects.toMatchObject({ code: 'message-too-large' });
  });

  it('is no failure of ours where the client goes away in the middle of it', async () => {
    const message = request();
    message.push('half');
    const reading = read(message);
    message.destroy(new Error('aborted'));
    await expect(reading).rejects.toMatchObject({ code: 'not-a-pki-message' });
  });

  it('shares its place with others while it comes, and leaves it when it is there or gone', async () => {
    const bodies = new RequestBodies(10);
    const slow = request();
    const slowly = bodies.read(slow);
    slow.push('12345678');
    await new Promise(setImmediate);
    const other = request();
    other.push('abc');
    await expect(bodies.read(other)).rejects.toMatchObject({ code: 'overloaded' });

    slow.destroy(new Error('aborted'));
    await expect(slowly).rejects.toMatchObject({ code: 'not-a-pki-message' });
    for (let i = 0; i < 3; i++) {
      const next = request();
      next.push('1234567890');
      next.push(null);
      expect((await bodies.read(next)).length).toBe(10);
    }
  });
});
