import type { Duplex } from "node:stream";
import type { IPublishPacket } from "mqtt";
import { generate } from "mqtt-packet";
import { keptTopic } from "./kept-topic.ts";
import { payloadOf } from "./sieve.ts";
import type { PlantMessage } from "../alarms/plant-message.ts";

/** Bounds how long one commit takes, and so how long the others wait. */
const MAX_BATCH = 200;
/** Past so many messages, or bytes of them, the socket is not read until a batch is stored. */
const MAX_WAITING = 2_000;
const MAX_WAITING_BYTES = 8_000_000;

/** mqtt.js takes an error from `handleMessage` as: no PUBACK from you, go on with the next packet. */
const ACKNOWLEDGED_LATER = new Error("acknowledged after the commit");

interface Waiting extends PlantMessage {
  readonly stream: Duplex;
}

/**
 * Stores messages; resolves when they are safe.
 * @param onTaken is told as soon as others may be stored: what follows comes behind them in any case
 */
export type StoreMessages = (messages: readonly PlantMessage[], onTaken: () => void) => Promise<void>;

/** What is stored, and who is told that it could not be. */
interface AcknowledgerOptions {
  readonly store: StoreMessages;
  /** As the link's sieve has it; left out: what is kept of an alarm. */
  readonly maxPayloadBytes?: number | undefined;
  readonly now: () => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Stores messages in batches and acknowledges them afterwards.
 *
 * mqtt.js hands over one message at a time and waits for each PUBACK, which makes one commit a message: 4,000/s at best.
 * So we tell it to go on, collect what comes until the event loop has read all that is there (`setImmediate`), store that
 * in one commit and write the PUBACKs ourselves: in the order of receipt, each on the connection it came by. While the disk writes one
 * batch, which may take a hundred milliseconds, the next is stored: its cards do not wait for the disk.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  #waiting: Waiting[] = [];
  /** What was taken and is not safe yet. */
  #unsafe = { messages: 0, bytes: 0 };
  #held: (() => void) | null = null;
  #flushing: Promise<void> | null = null;
  /** Resolves when the newest batch is acknowledged or given up, and all before it are. */
  #acknowledged = Promise.resolve();
  #isClosed = false;
  /** Connections given up: what they still hand over comes again, in order, on the next one. */
  readonly #abandoned = new WeakSet<Duplex>();

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  /** Takes a message; see patched-client.ts. */
  receive(packet: IPublishPacket, stream: Duplex, done: (error?: Error) => void): void {
    // What is not taken is not acknowledged: the broker has it for the next run.
    if (this.#isClosed || this.#abandoned.has(stream)) return;
    const message: Waiting = {
      topic: keptTopic(packet.topic),
      ...payloadOf(packet, this.#options.maxPayloadBytes),
      isRetained: packet.retain,
      receivedAt: this.#options.now(),
      packetId: packet.qos > 0 ? packet.messageId : undefined,
      isDup: packet.dup,
      stream,
    };
    this.#waiting.push(message);
    this.#unsafe = { messages: this.#unsafe.messages + 1, bytes: this.#unsafe.bytes + message.payload.byteLength };
    const goOn = () => done(ACKNOWLEDGED_LATER);
    if (this.#unsafe.messages < MAX_WAITING && this.#unsafe.bytes < MAX_WAITING_BYTES) goOn();
    else this.#held = goOn;
    this.#schedule();
  }

  /** Resolves when nothing of what was taken waits to be stored and acknowledged, for a moment at least. */
  async settled(): Promise<void> {
    for (let last: Promise<void> | null = null; this.#flushing !== null || last !== this.#acknowledged;) {
      last = this.#acknowledged;
      await this.#flushing;
      await last;
    }
  }

  /** Takes nothing more; resolves when all that was taken is stored and acknowledged, or given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.settled();
  }

  #schedule(): void {
    this.#flushing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#flush())
      .finally(() => {
        this.#flushing = null;
        if (this.#waiting.length > 0) this.#schedule();
      });
  }

  /** Begins to store what waits; resolves when what follows may be stored. */
  async #flush(): Promise<void> {
    const batch = this.#waiting.slice(0, MAX_BATCH);
    this.#waiting = this.#waiting.slice(batch.length);
    const { promise: taken, resolve: onTaken } = Promise.withResolvers<void>();
    this.#acknowledged = this.#acknowledge(batch, this.#options.store(batch, onTaken), this.#acknowledged);
    await Promise.race([taken, this.#acknowledged]);
  }

  /** @param former of the batches before */
  async #acknowledge(batch: readonly Waiting[], stored: Promise<void>, former: Promise<void>): Promise<void> {
    try {
      await stored;
      await former;
      acknowledge(batch.filter(({ stream }) => !this.#abandoned.has(stream)));
      this.#forget(batch);
      const goOn = this.#held;
      this.#held = null;
      goOn?.();
    } catch (error) {
      // The broker sends all of them again after a reconnect, in order; storing a part of them now would reorder.
      for (const { stream } of [...batch, ...this.#waiting]) this.#abandoned.add(stream);
      this.#forget([...batch, ...this.#waiting]);
      this.#waiting = [];
      this.#held = null;
      this.#options.onFailure(error);
    }
  }

  #forget(messages: readonly Waiting[]): void {
    const { messages: count, bytes } = this.#unsafe;
    this.#unsafe = { messages: count - messages.length, bytes: bytes - sizeOf(messages) };
  }
}

const sizeOf = (messages: readonly PlantMessage[]): number =>
  messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);

/** One write for the batch; a message of a connection that is gone comes again on the next one. */
function acknowledge(batch: readonly Waiting[]): void {
  const packets = new Map<Duplex, Buffer[]>();
  for (const { stream, packetId } of batch) {
    if (packetId === undefined || stream.destroyed) continue;
    const packet = generate({ cmd: "puback", messageId: packetId });
    const group = packets.get(stream);
    if (group) group.push(packet);
    else packets.set(stream, [packet]);
  }
  for (const [stream, group] of packets) stream.write(Buffer.concat(group));
}
