import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key; paths of PEM files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** How a certificate differs from a right one. */
interface Flaws {
  /** What it is issued for; localhost and 127.0.0.1 if left out. */
  readonly names?: string;
  readonly isExpired?: boolean;
  /** Whether another authority issues it. */
  readonly isForeign?: boolean;
  /** What its key is encrypted with. */
  readonly passphrase?: string;
}

/** A certificate authority of one's own. */
export interface Pki {
  /** Path of the authority's certificate. */
  readonly ca: string;
  /** Path of another authority's. */
  readonly otherCa: string;
  /** For localhost. */
  readonly server: KeyPair;
  readonly client: KeyPair;
  issue(kind: "server" | "client", flaws: Flaws): KeyPair;
  /** Path of a list that says that a certificate of `ca` counts no more. */
  revoke(cert: string): string;
  remove(): void;
}

/** Makes one in a folder that `remove` takes away. */
export function createPki(): Pki {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-pki-"));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  let issued = 0;

  for (const name of ["ca", "other"]) {
    const out = ["-keyout", at(`${name}.key`), "-out", at(`${name}.crt`), "-days", "2", "-subj", `/CN=Test ${name}`];
    openssl("req", "-x509", ...newKey, "-nodes", ...out);
  }

  function issue(kind: "server" | "client", flaws: Flaws): KeyPair {
    const name = `${kind}-${issued++}`;
    const { names = "DNS:localhost,IP:127.0.0.1", isExpired = false, isForeign = false, passphrase } = flaws;
    const [key, request, cert, extensions] = ["key", "csr", "crt", "ext"].map((end) => at(`${name}.${end}`)) as [
      string,
      string,
      string,
      string,
    ];
    const use = kind === "server" ? `subjectAltName=${names}` : "extendedKeyUsage=clientAuth";
    writeFileSync(extensions, `${use}\n`);
    const encryption = passphrase === undefined ? ["-nodes"] : ["-passout", `pass:${passphrase}`];
    openssl("req", ...newKey, ...encryption, "-keyout", key, "-out", request, "-subj", `/CN=${kind}`);
    const ca = isForeign ? "other" : "ca";
    const by = ["-CA", at(`${ca}.crt`), "-CAkey", at(`${ca}.key`), "-CAcreateserial", "-extfile", extensions];
    openssl("x509", "-req", "-in", request, "-out", cert, "-days", isExpired ? "-1" : "1", ...by);
    return { cert, key };
  }

  return {
    ca: at("ca.crt"),
    otherCa: at("other.crt"),
    server: issue("server", {}),
    client: issue("client", {}),
    issue,
    revoke(cert) {
      writeFileSync(at("index.txt"), "");
      const lines = ["[ca]", "default_ca=own", "[own]", `database=${at("index.txt")}`, "default_md=sha256"];
      writeFileSync(at("ca.cnf"), [...lines, "default_crl_days=1", ""].join("\n"));
      const by = ["ca", "-config", at("ca.cnf"), "-cert", at("ca.crt"), "-keyfile", at("ca.key")];
      openssl(...by, "-revoke", cert);
      openssl(...by, "-gencrl", "-out", at("ca.crl"));
      return at("ca.crl");
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
