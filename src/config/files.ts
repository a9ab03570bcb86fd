import { textOfError } from "../lib/errors.ts";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { openToOthers } from "./settings-file.ts";
import { checkFile, readSmallFile } from "../lib/small-file.ts";

/** What is said of the files that the settings name; see `Settings`. */
export interface Findings {
  readonly problems: string[];
  readonly notes: string[];
}

/** The files of TLS; `null`: not set, or not to be read. */
export interface TlsFiles {
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
}

/**
 * Reads a file that a setting names.
 * @param isSecret whether nobody else may read it
 */
export function readNamed(name: string, path: string | undefined, isSecret: boolean, found: Findings): Buffer | null {
  if (!path) return null;
  try {
    const { content, isOpenToOthers } = readSmallFile(path);
    if (isSecret && isOpenToOthers) found.notes.push(`${name}: ${openToOthers(path)}`);
    return content;
  } catch (error) {
    found.problems.push(`${name}: cannot read ${path} (${textOfError(error)}).`);
    return null;
  }
}

/** Looks at files that are read later, and again, so that what is wrong with them is told with everything else. */
export function checkNamed(given: Readonly<Record<string, string | undefined>>, { problems, notes }: Findings): void {
  for (const name of ["PLANTS_FILE", "FEED_FILE"]) {
    const path = given[name];
    if (path === undefined) continue;
    try {
      checkFile(path);
    } catch (error) {
      const reason = textOfError(error);
      // Something may write it later.
      if (name === "FEED_FILE" && reason === "ENOENT") notes.push(`${name}: ${path} is not there (yet).`);
      else problems.push(`${name}: cannot read ${path} (${reason}).`);
    }
  }
}

/** Reads authority, certificate and key, and checks that they are what they should be, and belong together. */
export function readTlsFiles(given: Readonly<Record<string, string | undefined>>, found: Findings): TlsFiles {
  const { problems } = found;
  const files = {
    ca: readNamed("MQTT_CA_FILE", given["MQTT_CA_FILE"], false, found),
    cert: readNamed("MQTT_CERT_FILE", given["MQTT_CERT_FILE"], false, found),
    key: readNamed("MQTT_KEY_FILE", given["MQTT_KEY_FILE"], true, found),
  };
  if ((files.cert === null) !== (files.key === null) && !problems.some((problem) => problem.startsWith("MQTT_"))) {
    problems.push("MQTT_CERT_FILE and MQTT_KEY_FILE belong together: set both or none.");
  }
  checkPem(files, given["MQTT_KEY_PASSPHRASE"], problems);
  // The client would take TLS for a certificate's sake, or leave the authority unused: neither is what the address says.
  const tlsName = ["MQTT_CA_FILE", "MQTT_CERT_FILE"].find((name) => given[name] !== undefined);
  const isPlain = (given["MQTT_URL"] ?? "").split(",").every((url) => /^\s*(mqtt|ws):/.test(url));
  if (tlsName !== undefined && isPlain) {
    problems.push(`${tlsName} is for mqtts:// and wss:// only, and MQTT_URL is neither.`);
  }
  return files;
}

/** A file that is no PEM would otherwise end each connection with a word of OpenSSL. */
function checkPem(files: TlsFiles, passphrase: string | undefined, problems: string[]): void {
  for (const name of ["ca", "cert", "key"] as const) {
    const content = files[name];
    if (content === null) continue;
    try {
      if (name === "key") createPrivateKey({ key: content, passphrase });
      else new X509Certificate(content);
    } catch {
      if (name === "key" && content.includes("ENCRYPTED")) {
        problems.push("MQTT_KEY_FILE is encrypted: MQTT_KEY_PASSPHRASE is missing or wrong.");
        continue;
      }
      problems.push(
        `MQTT_${name.toUpperCase()}_FILE holds no ${name === "key" ? "private key" : "certificate"} in PEM form.`,
      );
    }
  }
}
