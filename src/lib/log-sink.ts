import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** Where lines of the log go. */
export interface LogSink {
  write(line: string): void;
  /** Writes what waits, as far as it is taken within a moment. */
  close(): void;
}

/** As much as a reader may be behind; a pipe itself holds 64 KiB. */
const MAX_WAITING_BYTES = 1_000_000;
const AGAIN_MS = 50;
const CLOSE_MS = 200;

/**
 * Writes to an open file, a pipe or a terminal, and neither ends nor waits for what becomes of it: nobody reads any more (`| head`), or not
 * now (`| less`), the disk is full, the terminal was closed. What cannot be written is left out, and how much that was is said as soon as
 * something can.
 */
export function createLogSink(fd: number): LogSink {
  const out = unblocked(fd);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | null = null;
  /** Whether a part of the first line that waits is written. */
  let isTorn = false;
  /** Lines that were left out since that was said last. */
  let lost = 0;
  let reason = "";

  /** Writes what waits, until there is nothing or it is not taken now. */
  function flush(): void {
    timer = null;
    while (waiting[0] !== undefined) {
      const [first] = waiting;
      try {
        const written = writeSync(out, first);
        waitingBytes -= written;
        isTorn = written < first.length;
        if (isTorn) waiting[0] = first.subarray(written);
        else waiting.shift();
      } catch (error) {
        if (codeOf(error) !== "EAGAIN") return drop(codeOf(error));
        timer = setTimeout(flush, AGAIN_MS).unref();
        return;
      }
    }
  }

  /** Leaves out what waits, but for the rest of a line that was begun. */
  function drop(why: string): void {
    const kept = waiting.slice(0, isTorn ? 1 : 0);
    lost += waiting.length - kept.length;
    reason = why;
    waiting = kept;
    waitingBytes = kept.reduce((sum, { length }) => sum + length, 0);
  }

  function add(line: string): void {
    const bytes = Buffer.from(line);
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (timer === null) flush();
  }

  function tellLost(): void {
    const lines = lost;
    lost = 0;
    const fields = { level: 40, time: new Date().toISOString(), lines, reason };
    add(`${JSON.stringify({ ...fields, msg: "lines of the log were lost" })}\n`);
    // Not taken either; it is no line that anybody wrote.
    if (lost > 0) lost = lines;
  }

  return {
    write(line) {
      if (waitingBytes > MAX_WAITING_BYTES) {
        lost += 1;
        reason = "nobody reads it";
        return;
      }
      if (lost > 0) tellLost();
      add(line);
    },
    close() {
      for (const end = performance.now() + CLOSE_MS; waiting.length > 0 && performance.now() < end;) {
        if (timer) clearTimeout(timer);
        flush();
        if (waiting.length > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS / 5);
      }
      if (timer) clearTimeout(timer);
    },
  };
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

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);
