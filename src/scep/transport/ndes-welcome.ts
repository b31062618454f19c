import type { ScepReply } from '../operations/scep-reply';

const HTML =
  '<HTML><Head><Title>Network Device Enrollment Service</Title></Head><Body><H2>SCEP enrollment</H2>' +
  ' <P> Devices enroll here: give this address to the device, or to the program that manages it.' +
  ' <P> Passwords for enrollment are fetched from <B>/certsrv/mscep_admin/</B> at the address that is meant for' +
  ' administrators. It is another one than this; who runs this service knows it.' +
  ' </P></Body></HTML>';

/**
 * What NDES's path shows to somebody who asks for no operation, a person with a browser as a rule, or a program that only
 * wants to know whether there is a server. It holds no address: whoever is here may be anybody.
 */
export const NDES_WELCOME: ScepReply = { contentType: 'text/html', body: Buffer.from(HTML, 'ascii') };
