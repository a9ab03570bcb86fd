import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key; paths. */
interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of one's own, with a server certificate for localhost and a client certificate. */
export function createPki(): { ca: string; server: KeyPair; client: KeyPair; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-pki-"));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.crt"),
    "-days",
    "2",
    "-subj",
    "/CN=Test CA",
  );
  writeFileSync(at("server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  writeFileSync(at("client.ext"), "extendedKeyUsage=clientAuth\n");

  function issue(name: string): KeyPair {
    const [key, request, cert] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.crt`)];
    openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    const by = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at(`${name}.ext`)];
    openssl("x509", "-req", "-in", request, "-out", cert, "-days", "1", ...by);
    return { cert, key };
  }

  return {
    ca: at("ca.crt"),
    server: issue("server"),
    client: issue("client"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
