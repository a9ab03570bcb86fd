import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { generate, type IPublishPacket } from "mqtt-packet";
import { monotonicMs } from "./clock.ts";

/**
 * A plant that has gone mad, in a process of its own: it writes packets as bytes, since a client that waits for each PUBACK
 * would be slower than what it is to flood.
 */

/** What is published, how fast and for how long. */
export interface Flood {
  /** Of the broker, on this machine. */
  readonly port: number;
  readonly topics: readonly string[];
  readonly qos: 0 | 1;
  readonly perSecond: number;
  readonly seconds: number;
  /** One after the other, over and over. */
  readonly payloads: readonly string[];
}

/** What became of it. */
export interface Flooded {
  readonly published: number;
  /** Longer than `seconds`, if the broker did not take it so fast. */
  readonly tookMs: number;
}

const TICK_MS = 20;

async function run({ port, topics, qos, perSecond, seconds, payloads }: Flood): Promise<Flooded> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    generate({ cmd: "connect", clientId: "flood", protocolId: "MQTT", protocolVersion: 4, clean: true, keepalive: 0 }),
  );
  await once(socket, "data");
  // Its PUBACKs are read, and that is all.
  socket.resume();
  const packets = payloads.flatMap((payload) => topics.map((topic) => templateOf(topic, payload, qos)));
  const beganAt = monotonicMs();
  const total = perSecond * seconds;
  let published = 0;
  while (published < total) {
    const due = Math.min(total, Math.floor(((monotonicMs() - beganAt) / 1_000) * perSecond));
    const batch: Buffer[] = [];
    for (; published < due; published++) batch.push(packetOf(packets[published % packets.length]!, published));
    if (batch.length > 0 && !socket.write(Buffer.concat(batch))) await once(socket, "drain");
    await setTimeout(TICK_MS);
  }
  const tookMs = monotonicMs() - beganAt;
  socket.write(generate({ cmd: "pingreq" }));
  socket.end(generate({ cmd: "disconnect" }));
  await once(socket, "close");
  return { published, tookMs };
}

interface Template {
  readonly bytes: Buffer;
  /** Where its message id stands; 0: it has none. */
  readonly idAt: number;
}

function templateOf(topic: string, payload: string, qos: 0 | 1): Template {
  const packet: IPublishPacket = { cmd: "publish", topic, payload, qos, dup: false, retain: false, messageId: 1 };
  const bytes = generate(packet);
  return { bytes, idAt: qos === 0 ? 0 : bytes.length - Buffer.byteLength(payload) - 2 };
}

function packetOf({ bytes, idAt }: Template, serial: number): Buffer {
  if (idAt === 0) return bytes;
  const packet = Buffer.from(bytes);
  packet.writeUInt16BE((serial % 65_535) + 1, idAt);
  return packet;
}

process.on("message", (flood: Flood) => void run(flood).then((flooded) => process.send?.(flooded)));
process.on("disconnect", () => process.exit());
