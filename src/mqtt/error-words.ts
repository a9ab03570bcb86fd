import { shorten } from "../alarms/text.ts";
import { textOfError } from "../lib/errors.ts";
import { networkWords } from "../lib/text/network-words.ts";
import { tlsWords } from "../lib/text/tls-words.ts";

/** As long as a certificate's names may be in a sentence. */
const MAX_NAMES = 80;

const AUTHORITY_REMEDY = ": put that authority's certificate into MQTT_CA_FILE";
const REFUSED_CERTIFICATE = "it refuses our client certificate (MQTT_CERT_FILE)";

/** What a broker says of our side of TLS: https://www.iana.org/assignments/tls-parameters (alerts). */
const ALERTS: Readonly<Record<string, string | undefined>> = {
  40: "it refuses the handshake: does it want a client certificate (MQTT_CERT_FILE)?",
  42: REFUSED_CERTIFICATE,
  43: REFUSED_CERTIFICATE,
  44: `${REFUSED_CERTIFICATE}: it was revoked`,
  45: `${REFUSED_CERTIFICATE}: it has expired`,
  46: REFUSED_CERTIFICATE,
  48: `${REFUSED_CERTIFICATE}: it does not know the authority that it is from`,
  116: "it wants a client certificate (MQTT_CERT_FILE)",
};
const ALERT_PROTOCOL_VERSION = "70";

/** Return codes of CONNACK: MQTT 3.1.1, 3.2.2.3. */
const REFUSALS: Readonly<Record<number, string | undefined>> = {
  1: "it does not speak MQTT 3.1.1",
  2: "it refuses our client id (MQTT_CLIENT_ID)",
  3: "it accepts no client now",
  4: "it refuses our user name or password (MQTT_USERNAME, MQTT_PASSWORD)",
  5: "it does not let us in: are MQTT_USERNAME and MQTT_PASSWORD right?",
};

/** The reason when a broker hung up before it answered our login. */
export const HUNG_UP = "it hung up on our login: is this the right port, with TLS or without?";

/** What mqtt.js says of timeouts, and of a connection that just ends. */
const WORDS: Readonly<Record<string, string | undefined>> = {
  "connack timeout": "it does not answer our login",
  "Keepalive timeout": "it gives no sign of life any more",
  "Couldn't connect to server": HUNG_UP,
};

/** The code of what mqtt.js throws, of Node.js or of CONNACK; `undefined`: it has none, as what it could not read. */
export function codeOf(error: unknown): string | number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" || typeof error.code === "number" ? error.code : undefined;
}

/** The names in a certificate that is for none of ours. */
function namesInCertificate(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("cert" in error)) return undefined;
  const { cert } = error;
  if (typeof cert !== "object" || cert === null || !("subjectaltname" in cert)) return undefined;
  return typeof cert.subjectaltname === "string" ? cert.subjectaltname : undefined;
}

/** What is wrong with a broker, in words that follow its name; where a person can mend it, with the setting's name. */
export function wordsOfError(
  error: unknown,
  { url, minVersion }: { readonly url: string; readonly minVersion: string },
): string {
  const message = textOfError(error);
  const code = codeOf(error);
  if (typeof code === "number") return `${REFUSALS[code] ?? "it refuses us"} (${message})`;
  const alert = /SSL alert number (\d+)/.exec(message)?.[1];
  if (alert === ALERT_PROTOCOL_VERSION || code === "ERR_SSL_UNSUPPORTED_PROTOCOL") {
    return `it offers no TLS as new as TLS_MIN_VERSION wants (${minVersion})`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = shorten(namesInCertificate(error) ?? "another", MAX_NAMES);
    return `its certificate is for ${names}, not for ${new URL(url).hostname}`;
  }
  if (code === "ECONNRESET" || code === "EPIPE") return `${HUNG_UP} (${code})`;
  const said = ALERTS[alert ?? ""];
  if (said !== undefined) return said;
  if (code === undefined) return WORDS[message] ?? `what it sends is not MQTT: ${message}`;
  const known = networkWords(code);
  if (known !== undefined) return known;
  const words = tlsWords(code, AUTHORITY_REMEDY);
  if (words !== null) return words;
  const tls = /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (tls !== undefined) return `the TLS handshake failed: ${tls}`;
  // What refuses on both address families has no message of its own.
  return message || code;
}
