import { systemCodeOf } from "./errors.ts";
import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** As much as a reader may be behind; a pipe itself holds 64 KiB. */
const MAX_WAITING_BYTES = 1_000_000;
const AGAIN_MS = 50;
const CLOSE_MS = 200;

/**
 * Writes to an open file, a pipe or a terminal, and neither ends nor waits for what becomes of it: nobody reads any more (`| head`), or not
 * now (`| less`), the disk is full, the terminal was closed. What cannot be written is left out, and how much that was is said as soon as
 * something can.
 */
export class LogSink {
  readonly #out: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  /** Whether a part of the first line that waits is written. */
  #isTorn = false;
  /** Lines that were left out since that was said last. */
  #lost = 0;
  #reason = "";

  /** @param fd an open file */
  constructor(fd: number) {
    this.#out = unblocked(fd);
  }

  write(line: string): void {
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#lost += 1;
      this.#reason = "nobody reads it";
      return;
    }
    if (this.#lost > 0) this.#tellLost();
    this.#add(line);
  }

  /** Writes what waits, as far as it is taken within a moment. */
  close(): void {
    for (const end = performance.now() + CLOSE_MS; this.#waiting.length > 0 && performance.now() < end;) {
      if (this.#timer) clearTimeout(this.#timer);
      this.#flush();
      if (this.#waiting.length > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS / 5);
    }
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Writes what waits, until there is nothing or it is not taken now. */
  #flush(): void {
    this.#timer = null;
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      try {
        const written = writeSync(this.#out, first);
        this.#waitingBytes -= written;
        this.#isTorn = written < first.length;
        if (this.#isTorn) this.#waiting[0] = first.subarray(written);
        else this.#waiting.shift();
      } catch (error) {
        const code = systemCodeOf(error) ?? String(error);
        if (code !== "EAGAIN") return this.#drop(code);
        this.#timer = setTimeout(() => this.#flush(), AGAIN_MS).unref();
        return;
      }
    }
  }

  /** Leaves out what waits, but for the rest of a line that was begun. */
  #drop(reason: string): void {
    const kept = this.#waiting.slice(0, this.#isTorn ? 1 : 0);
    this.#lost += this.#waiting.length - kept.length;
    this.#reason = reason;
    this.#waiting = kept;
    this.#waitingBytes = kept.reduce((sum, { length }) => sum + length, 0);
  }

  #add(line: string): void {
    const bytes = Buffer.from(line);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#timer === null) this.#flush();
  }

  #tellLost(): void {
    const lines = this.#lost;
    this.#lost = 0;
    const fields = { level: 40, time: new Date().toISOString(), lines, reason: this.#reason };
    this.#add(`${JSON.stringify({ ...fields, msg: "lines of the log were lost" })}\n`);
    // Not taken either; it is no line that anybody wrote.
    if (this.#lost > 0) this.#lost = lines;
  }
}

/** The same pipe or terminal, but one that refuses what it cannot take at once; anything else as it is. */
function unblocked(fd: number): number {
  try {
    const stat = fstatSync(fd);
    const isWaitedFor = stat.isFIFO() || stat.isCharacterDevice();
    return isWaitedFor ? openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK) : fd;
  } catch {
    return fd;
  }
}
