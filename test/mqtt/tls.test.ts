import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import { hasMosquitto } from "../support/mosquitto.ts";
import { createPki, type KeyPair, type Pki } from "../support/pki.ts";
import { until } from "../support/until.ts";
import { broker, endLater, isGranted, session } from "./opened.ts";

let pki: Pki;
beforeAll(() => {
  pki = createPki();
});
afterAll(() => pki.remove());

const listener = ({ cert, key }: KeyPair, ...more: string[]) =>
  [`cafile ${pki.ca}`, `certfile ${cert}`, `keyfile ${key}`, ...more].join("\n");
const wanting = ["require_certificate true", "use_identity_as_username true"];
const pair = ({ cert, key }: KeyPair) => ({ cert: readFileSync(cert), key: readFileSync(key) });
const trusting = () => ({ ca: readFileSync(pki.ca) });
const reasonAt = (url: string, settings: Parameters<typeof session>[1]) => {
  const refused = session(url, settings);
  return until("refused", () => refused.status().error);
};

describe.skipIf(!hasMosquitto)("TLS with a real mosquitto", () => {
  it("comes about with its authority and a client certificate, also one whose key is encrypted", async () => {
    const { port } = await broker({ listener: listener(pki.server, ...wanting) });
    for (const [client, passphrase] of [
      [pki.client, null],
      [pki.issue("client", { passphrase: "open sesame" }), "open sesame"],
    ] as const) {
      for (const minVersion of ["TLSv1.2", "TLSv1.3"] as const) {
        const good = session(`mqtts://localhost:${port}`, { ...trusting(), ...pair(client), passphrase, minVersion });
        await until("subscribed", () => isGranted(good));
        expect(good.status().error).toBeNull();
        await good.stop();
      }
    }
  });

  it.each([
    ["an unknown authority", () => pki.server, () => ({}), /^its certificate is not from an authority.*MQTT_CA_FILE$/],
    [
      "another authority",
      () => pki.server,
      () => ({ ca: readFileSync(pki.otherCa) }),
      /^its certificate is not from an authority/,
    ],
    [
      "an expired certificate",
      () => pki.issue("server", { isExpired: true }),
      trusting,
      /^its certificate has expired$/,
    ],
    [
      "a certificate for another name",
      () => pki.issue("server", { names: "DNS:elsewhere.example" }),
      trusting,
      /^its certificate is for DNS:elsewhere\.example, not for localhost$/,
    ],
  ])("does not come about with %s", async (_, server, settings, reason) => {
    const { port } = await broker({ listener: listener(server()) });
    expect(await reasonAt(`mqtts://localhost:${port}`, settings())).toMatch(reason);
  });

  it.each([
    ["none", () => ({}), /^it wants a client certificate \(MQTT_CERT_FILE\)$/],
    ["one of another authority", () => pair(pki.issue("client", { isForeign: true })), /does not know the authority/],
    ["an expired one", () => pair(pki.issue("client", { isExpired: true })), /MQTT_CERT_FILE\): it has expired$/],
  ])("says which client certificate the broker refuses: %s", async (_, client, reason) => {
    const { port } = await broker({ listener: listener(pki.server, ...wanting) });
    expect(await reasonAt(`mqtts://localhost:${port}`, { ...trusting(), ...client() })).toMatch(reason);
  });

  it("ends for a client certificate that was revoked, and comes back with a new one", async () => {
    const crl = `crlfile ${pki.revoke(pki.client.cert)}`;
    const { port } = await broker({ listener: listener(pki.server, ...wanting, crl) });
    const url = `mqtts://localhost:${port}`;
    expect(await reasonAt(url, { ...trusting(), ...pair(pki.client) })).toMatch(/MQTT_CERT_FILE\): it was revoked$/);
    const renewed = session(url, { ...trusting(), ...pair(pki.issue("client", {})) });
    await until("subscribed", () => isGranted(renewed));
  });

  it("is tried again: the session stands as soon as the broker has the right certificate", async () => {
    const expired = pki.issue("server", { isExpired: true });
    const mosquitto = await broker({
      listener: "certfile $DIR/cert\nkeyfile $DIR/key\nallow_anonymous true",
      files: { cert: readFileSync(expired.cert, "utf8"), key: readFileSync(expired.key, "utf8") },
    });
    const patient = session(`mqtts://localhost:${mosquitto.port}`, trusting());
    await until("refused", () => patient.status().error?.includes("expired"));
    await mosquitto.stop();
    mosquitto.change("cert", readFileSync(pki.server.cert, "utf8"));
    mosquitto.change("key", readFileSync(pki.server.key, "utf8"));
    await mosquitto.start();
    await until("subscribed", () => isGranted(patient));
    expect(patient.status().error).toBeNull();
  });

  it("is not mistaken for its absence, either way", async () => {
    const [tls, plain] = await Promise.all([broker({ listener: listener(pki.server) }), broker()]);
    const hungUp = /^it hung up on our login: is this the right port, with TLS or without\?/;
    expect(await reasonAt(`mqtt://localhost:${tls.port}`, {})).toMatch(hungUp);
    expect(await reasonAt(`mqtts://localhost:${plain.port}`, {})).toMatch(hungUp);
  });
});

describe("the oldest TLS", () => {
  /** Speaks TLS, and then nothing. */
  async function startTls(options: TlsOptions): Promise<string> {
    const server = createTlsServer({ ...pair(pki.server), ...options }, (socket) =>
      socket.on("error", () => undefined),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    endLater({ remove: () => server[Symbol.asyncDispose]() });
    return `localhost:${(server.address() as AddressInfo).port}`;
  }
  const ancient: TlsOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };

  it.each([
    ["mqtts", ancient, "TLSv1.2"],
    ["wss", ancient, "TLSv1.2"],
    ["mqtts", { maxVersion: "TLSv1.2" }, "TLSv1.3"],
    ["wss", { maxVersion: "TLSv1.2" }, "TLSv1.3"],
  ] as const)("holds for %s: %o is older than %s", async (protocol, options, minVersion) => {
    const reason = await reasonAt(`${protocol}://${await startTls(options)}`, { ...trusting(), minVersion });
    expect(reason).toBe(`it offers no TLS as new as TLS_MIN_VERSION wants (${minVersion})`);
  });
});

describe.skipIf(!hasMosquitto)("wss", () => {
  /** A front end that takes WebSockets over TLS, as brokers in clouds have. */
  async function startFront(port: number): Promise<string> {
    const server = createHttpsServer(pair(pki.server));
    new WebSocketServer({ server, path: "/mqtt" }).on("connection", (socket) => {
      const [client, upstream] = [createWebSocketStream(socket), connect(port, "127.0.0.1")];
      void pipeline(client, upstream).catch(() => undefined);
      void pipeline(upstream, client).catch(() => undefined);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    endLater({
      remove: async () => {
        server.closeAllConnections();
        await server[Symbol.asyncDispose]();
      },
    });
    return `wss://localhost:${(server.address() as AddressInfo).port}`;
  }

  it("carries a session, checks the certificate, and says what the server answers instead", async () => {
    const front = await startFront((await broker()).port);
    const good = session(`${front}/mqtt`, { ...trusting(), minVersion: "TLSv1.3" });
    await until("subscribed", () => isGranted(good));
    expect(await reasonAt(`${front}/mqtt`, {})).toMatch(/^its certificate is not from an authority/);
    expect(await reasonAt(`${front}/elsewhere`, trusting())).toBe(
      "it opens no WebSocket: Unexpected server response: 400",
    );
  });
});
