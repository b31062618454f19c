import { addressRefusal } from './address-policy';

const strict = { loopback: false };

describe('addressRefusal', () => {
  it.each([
    '93.184.216.34',
    '10.0.0.1',
    '172.16.5.4',
    '192.168.1.1',
    '100.64.0.1',
    '2606:2800:220:1::1',
    'fd12:3456::1',
    '64:ff9b::5db8:d822',
    '64:ff9b::a00:1',
  ])('lets %s be reached', (address) => {
    expect(addressRefusal(address, strict)).toBeUndefined();
  });

  it.each([
    ['169.254.169.254', 'link-local'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['fec0::1', 'link-local'],
    ['100.100.100.200', 'metadata'],
    ['192.0.0.192', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.250', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'reserved'],
    ['0.1.2.3', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['::', 'reserved'],
    ['::ffff:169.254.169.254', 'embedded IPv4'],
    ['::ffff:10.0.0.1', 'embedded IPv4'],
    ['::ffff:a9fe:a9fe', 'embedded IPv4'],
    ['::169.254.169.254', 'embedded IPv4'],
    ['::ffff:0:a9fe:a9fe', 'embedded IPv4'],
    ['2002:a9fe:a9fe::1', 'embedded IPv4'],
    ['2001::1', 'embedded IPv4'],
    ['64:ff9b:1::a9fe:a9fe', 'embedded IPv4'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['64:ff9b::169.254.169.254', 'link-local'],
    ['64:ff9b::', 'reserved'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['localhost', 'no address'],
    ['', 'no address'],
    ['0x7f000001', 'no address'],
  ])('refuses %s: %s', (address, reason) => {
    expect(addressRefusal(address, strict)).toBe(reason);
  });

  it('opens the machine itself by a setting, and nothing else', () => {
    const open = { loopback: true };
    for (const address of ['127.0.0.1', '::1', '64:ff9b::7f00:1'])
      expect(addressRefusal(address, open)).toBeUndefined();
    for (const address of ['169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0', '::', 'fe80::1'])
      expect(addressRefusal(address, open)).toBeDefined();
  });
});
