import type { IncomingMessage } from 'node:http';
import { clientAddress, trustProxies } from './client-address';

function from(remoteAddress: string | undefined, forwardedFor?: string): IncomingMessage {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return { socket: { remoteAddress }, connection: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('clientAddress', () => {
  const trust = trustProxies(['10.0.0.0/8', 'loopback']);

  it('is the address of the connection, IPv4 in its own notation', () => {
    expect(clientAddress(from('::ffff:192.0.2.7'), trust)).toBe('192.0.2.7');
    expect(clientAddress(from('2001:db8::7'), trust)).toBe('2001:db8::7');
  });

  it('believes trusted proxies only, as far as they reach', () => {
    expect(clientAddress(from('192.0.2.7', '198.51.100.1'), trust)).toBe('192.0.2.7');
    expect(clientAddress(from('10.1.1.1', '198.51.100.1'), trust)).toBe('198.51.100.1');
    expect(clientAddress(from('::ffff:10.1.1.1', '203.0.113.9, 198.51.100.1, 10.2.2.2'), trust)).toBe('198.51.100.1');
  });

  it('takes off a port, and takes no text that is no address', () => {
    expect(clientAddress(from('10.1.1.1', '198.51.100.1:4711'), trust)).toBe('198.51.100.1');
    expect(clientAddress(from('10.1.1.1', '[2001:db8::7]:4711'), trust)).toBe('2001:db8::7');
    expect(clientAddress(from('10.1.1.1', 'unknown'), trust)).toBe('10.1.1.1');
  });

  it('is empty where the connection is gone already', () => {
    expect(clientAddress(from(undefined, '198.51.100.1'), trust)).toBe('');
  });

  it('trusts nobody where no proxy is named', () => {
    expect(clientAddress(from('127.0.0.1', '198.51.100.1'), trustProxies([]))).toBe('127.0.0.1');
  });
});
