/*
 * Enrols once by cryptlib, with a key of its own.
 *
 *   cryptlib-client URL CERTIFICATE USER PASSWORD BITS OUTPUT
 *
 * CERTIFICATE is the file with the CA or RA certificate, DER; BITS is the size of the curve, or of the modulus where it is
 * larger than any curve; OUTPUT gets the certificate, DER. The subject is C=NZ (cryptlib wants a country) and the user.
 * Exit codes: 0 enrolled, 1 refused or not understood, 2 used wrongly.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cryptlib.h"

static unsigned char octets[65536];

/** Ends the program if something went wrong, with what cryptlib has to say of it. */
static void check(const char *what, CRYPT_HANDLE object, int status) {
  char message[4096];
  int length = 0;
  if (!cryptStatusError(status)) return;
  if (cryptStatusError(cryptGetAttributeString(object, CRYPT_ATTRIBUTE_ERRORMESSAGE, message, &length))) length = 0;
  fprintf(stderr, "%s: cryptlib error %d %.*s\n", what, status, length, message);
  exit(1);
}

static int readFile(const char *path) {
  FILE *file = fopen(path, "rb");
  int length = file == NULL ? 0 : (int)fread(octets, 1, sizeof(octets), file);
  if (file != NULL) fclose(file);
  return length;
}

static void setText(CRYPT_HANDLE object, CRYPT_ATTRIBUTE_TYPE attribute, const char *text) {
  check(text, object, cryptSetAttributeString(object, attribute, text, (int)strlen(text)));
}

static void set(const char *what, CRYPT_HANDLE object, CRYPT_ATTRIBUTE_TYPE attribute, int value) {
  check(what, object, cryptSetAttribute(object, attribute, value));
}

int main(int count, char **arguments) {
  CRYPT_CERTIFICATE ca, request, certificate;
  CRYPT_CONTEXT key;
  CRYPT_SESSION session;
  FILE *output;
  int bits, length;

  if (count != 7) return 2;
  bits = atoi(arguments[5]);
  check("cryptInit", CRYPT_UNUSED, cryptInit());
  length = readFile(arguments[2]);
  check("CA certificate", CRYPT_UNUSED, cryptImportCert(octets, length, CRYPT_UNUSED, &ca));

  check("key", CRYPT_UNUSED, cryptCreateContext(&key, CRYPT_UNUSED, bits > 521 ? CRYPT_ALGO_RSA : CRYPT_ALGO_ECDSA));
  setText(key, CRYPT_CTXINFO_LABEL, "interop");
  set("key size", key, CRYPT_CTXINFO_KEYSIZE, bits / 8);
  check("key", key, cryptGenerateKey(key));

  check("request", CRYPT_UNUSED, cryptCreateCert(&request, CRYPT_UNUSED, CRYPT_CERTTYPE_CERTREQUEST));
  set("key of the request", request, CRYPT_CERTINFO_SUBJECTPUBLICKEYINFO, key);
  setText(request, CRYPT_CERTINFO_COUNTRYNAME, "NZ");
  setText(request, CRYPT_CERTINFO_COMMONNAME, arguments[3]);

  check("session", CRYPT_UNUSED, cryptCreateSession(&session, CRYPT_UNUSED, CRYPT_SESSION_SCEP));
  setText(session, CRYPT_SESSINFO_SERVER_NAME, arguments[1]);
  setText(session, CRYPT_SESSINFO_USERNAME, arguments[3]);
  setText(session, CRYPT_SESSINFO_PASSWORD, arguments[4]);
  set("CA certificate", session, CRYPT_SESSINFO_CACERTIFICATE, ca);
  set("private key", session, CRYPT_SESSINFO_PRIVATEKEY, key);
  set("request", session, CRYPT_SESSINFO_REQUEST, request);
  set("enrolment", session, CRYPT_SESSINFO_ACTIVE, 1);

  check("answer", session, cryptGetAttribute(session, CRYPT_SESSINFO_RESPONSE, &certificate));
  check("certificate", certificate,
        cryptExportCert(octets, sizeof(octets), &length, CRYPT_CERTFORMAT_CERTIFICATE, certificate));
  output = fopen(arguments[6], "wb");
  if (output == NULL || fwrite(octets, 1, (size_t)length, output) != (size_t)length || fclose(output) != 0) return 2;
  return 0;
}
