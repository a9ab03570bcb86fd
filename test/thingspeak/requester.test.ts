import { describe, expect, it } from "vitest";
import { startThingSpeak } from "../../src/demo/thingspeak/server.ts";
import type { ThingSpeakServer } from "../../src/demo/thingspeak/server.ts";
import type { ThingSpeak } from "../../src/thingspeak/client.ts";
import { connect, count, NOW, reasonOf, startAny, startFixed, startServer, WEEK } from "./support.ts";

function read(client: ThingSpeak): Promise<unknown> {
  return client.read({ field: 1, ...WEEK });
}

describe("what goes wrong has a reason", () => {
  it("wrong key, no key, unknown channel, unused field", async () => {
    const { url } = await startServer();
    expect(await reasonOf(read(connect(url, { readApiKey: "wrong" })))).toBe("forbidden");
    expect(await reasonOf(read(connect(url, { readApiKey: null })))).toBe("forbidden");
    expect(await reasonOf(read(connect(url, { channelId: "8" })))).toBe("notFound");
    expect(await reasonOf(connect(url).read({ field: 2, ...WEEK }))).toBe("notFound");
  });

  it("no server", async () => {
    const server = await startThingSpeak({ now: () => NOW });
    await server.stop();
    expect(await reasonOf(read(connect(server.url)))).toBe("unreachable");
  });

  it("no answer in time, at once or in the middle of the retries", async () => {
    const server = await startServer();
    server.fault({ kind: "hang" });
    expect(await reasonOf(read(connect(server.url, { timeoutMs: 60 })))).toBe("slow");
    server.fault({ kind: "status", status: 429, retryAfterSeconds: 0 });
    server.fault({ kind: "slow", delayMs: 10_000 });
    const impatient = connect(server.url, { timeoutMs: 150 });
    expect(await reasonOf(read(impatient))).toBe("slow");
  });

  it("a page instead of a feed, and a feed without the field", async () => {
    const server = await startServer();
    server.fault({ kind: "html" });
    expect(await reasonOf(read(connect(server.url)))).toBe("malformed");
    const url = await startFixed("created_at,entry_id,field2\n");
    expect(await reasonOf(read(connect(url)))).toBe("malformed");
  });

  it("an answer without end", async () => {
    const server = await startServer();
    server.load(7, count(8_000));
    expect(await reasonOf(read(connect(server.url, { maxBodyBytes: 50_000 })))).toBe("malformed");
  });

  it("an answer that trickles for ever", async () => {
    const url = await startAny((_, response) => {
      response.writeHead(200, { "content-type": "text/csv" });
      const timer = setInterval(() => response.write("x"), 5);
      response.on("close", () => clearInterval(timer));
    });
    expect(await reasonOf(read(connect(url, { timeoutMs: 100 })))).toBe("slow");
  });

  it.each([301, 302, 307, 308])("a redirect (%d) is not followed, since the key would go with it", async (status) => {
    let calls = 0;
    const elsewhere = await startAny((_, response) => response.end(String((calls += 1))));
    const url = await startAny((_, response) => response.writeHead(status, { location: elsewhere }).end());
    expect(await reasonOf(read(connect(url)))).toBe("broken");
    expect(calls).toBe(0);
  });
});

/** Reads 5,000 entries after `faults` were set up; waits pass at once, and are noted. */
async function readWith(faults: (server: ThingSpeakServer) => void): Promise<{
  outcome: Promise<unknown>;
  waits: number[];
  server: ThingSpeakServer;
}> {
  const server = await startServer();
  server.load(7, count(5_000));
  faults(server);
  const waits: number[] = [];
  let now = NOW;
  const delay = async (ms: number): Promise<void> => {
    waits.push(ms);
    now += ms;
  };
  const client = connect(server.url, { now: () => now, delay });
  return { outcome: client.read({ field: 1, ...WEEK }).then(({ values }) => values.length), waits, server };
}

describe("retries", () => {
  it("a body that is cut", async () => {
    const { outcome, waits } = await readWith((server) => server.fault({ kind: "cut" }, 2));
    expect(await outcome).toBe(5_000);
    expect(waits).toEqual([500, 1_000]);
  });

  it("429, after as long as the server says", async () => {
    const { outcome, waits } = await readWith((server) =>
      server.fault({ kind: "status", status: 429, retryAfterSeconds: 3 }),
    );
    expect(await outcome).toBe(5_000);
    expect(waits).toEqual([3_000]);
  });

  it("429 not at all when the server asks for longer than there is", async () => {
    const { outcome, waits } = await readWith((server) =>
      server.fault({ kind: "status", status: 429, retryAfterSeconds: 60 }),
    );
    expect(await reasonOf(outcome)).toBe("busy");
    expect(waits).toEqual([]);
  });

  it("5xx three times, and no more", async () => {
    const { outcome, waits, server } = await readWith((server) => server.fault({ kind: "status", status: 503 }, 4));
    expect(await reasonOf(outcome)).toBe("broken");
    expect(waits).toEqual([500, 1_000, 2_000]);
    expect(server.requests).toHaveLength(4);
  });

  it("a body that is cut every time is broken", async () => {
    const { outcome } = await readWith((server) => server.fault({ kind: "cut" }, 4));
    expect(await reasonOf(outcome)).toBe("broken");
  });

  it("a refusal never", async () => {
    const { outcome, server } = await readWith((server) => server.fault({ kind: "status", status: 404 }));
    expect(await reasonOf(outcome)).toBe("notFound");
    expect(server.requests).toHaveLength(1);
  });
});
