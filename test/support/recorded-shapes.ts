/**
 * Recorded messages (`test/vectors`) that stand for the clients of a device profile: of the client itself, or of the one
 * that is inside of it.
 */
export const RECORDED_SHAPES: Readonly<Record<string, readonly string[]>> = {
  advantech: ['sscep/0.10.0-enrol'],
  android: ['jscep/3.0.0-enrol'],
  certmonger: ['certmonger/0.79.17-enrol-get'],
  cryptlib: ['cryptlib/3.4.9.2-enrol'],
  fortigate: ['sscep/0.10.0-enrol'],
  garderos: ['sscep/0.10.0-enrol'],
  generic: ['strongswan/5.9.8-enrol'],
  jscep: ['jscep/2.5.0-enrol', 'jscep/3.0.0-enrol'],
  sscep: ['sscep/0.10.0-enrol', 'sscep/0.10.0-enrol-micromdm'],
  strongswan: ['strongswan/5.9.8-enrol'],
  teltonika: ['sscep/0.10.0-enrol'],
};
