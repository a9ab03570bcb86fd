import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { lineOf, requestFor } from "../charts/request.ts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UpstreamError } from "../../src/lib/errors.ts";
import type { Job } from "../../src/worker/jobs.ts";
import { createWorker, type WorkerPool } from "../../src/worker/pool.ts";

const CSV = "created_at,entry_id,field1\n2026-11-10 00:00:00 UTC,1,20.5\n2026-11-10 00:00:15 UTC,2,21.5\n";
const ODD_PROGRAM = new URL("./odd-program.ts", import.meta.url);

const bytes = (text: string) => new TextEncoder().encode(text);
const drawJob = () =>
  ({
    kind: "draw",
    isCurrent: false,
    request: requestFor(
      [lineOf({ times: Float64Array.of(0, 3_600_000, 7_200_000), values: Float64Array.of(1, 2, Number.NaN) })],
      { timeZone: "UTC", startAt: 0, endAt: 86_400_000 },
    ),
  }) as const;

const pools: WorkerPool[] = [];
const create = (options?: Parameters<typeof createWorker>[0]) => {
  const pool = createWorker(options);
  pools.push(pool);
  return pool;
};
/** Jobs that only the odd program knows. */
const odd = (kind: "echo" | "hang" | "throw" | "exit" | "grow") => ({ kind }) as unknown as Job;
const threadOf = async (pool: WorkerPool) =>
  ((await pool.run(odd("echo"))) as unknown as { threadId: number }).threadId;

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

describe("the worker", () => {
  it("parses a feed, with its arrays moved there and back", async () => {
    const csv = bytes(CSV);
    const page = await create().run({ kind: "parse", csv });
    expect(csv.byteLength).toBe(0);
    expect([...page.times]).toEqual([Date.parse("2026-11-10T00:00:00Z"), Date.parse("2026-11-10T00:00:15Z")]);
    expect([...page.fields[1]!]).toEqual([20.5, 21.5]);
  });

  it("draws a picture and says what is on it, with the series moved there", async () => {
    const job = drawJob();
    const { png, statistics } = await create().run(job);
    expect(Buffer.from(png).subarray(1, 4).toString()).toBe("PNG");
    expect(statistics).toMatchObject([{ entries: 3, numbers: 2, min: 1, max: 2, last: 2 }]);
    expect(job.request.lines[0]!.series.times.byteLength).toBe(0);
    expect(job.request.lines[0]!.series.values.byteLength).toBe(0);
  });

  it("loads what a picture needs before there is one to draw", async () => {
    const pool = create();
    expect(await pool.run({ kind: "prepare" })).toBeNull();
    expect((await pool.run(drawJob())).statistics).toHaveLength(1);
  });

  it("leaves alone what shares its memory with others", async () => {
    const [head, row] = [bytes(CSV), bytes(`x${CSV}`)];
    const page = await create().run({ kind: "parse", csv: row.subarray(1) });
    expect(page.times).toHaveLength(2);
    expect(row.subarray(1)).toEqual(head);
  });

  it("hands on the error of the job itself, and goes on", async () => {
    const pool = create();
    const refusal = pool.run({ kind: "parse", csv: bytes("-1") });
    await expect(refusal).rejects.toBeInstanceOf(UpstreamError);
    await expect(refusal).rejects.toMatchObject({ reason: "forbidden" });
    const unknownZone = drawJob();
    await expect(
      pool.run({ kind: "draw", isCurrent: false, request: { ...unknownZone.request, timeZone: "Mars/Olympus" } }),
    ).rejects.toMatchObject({ name: "WorkerError", reason: "failed" });
    expect((await pool.run({ kind: "parse", csv: bytes(CSV) })).times).toHaveLength(2);
  });

  it("does jobs in their order", async () => {
    const pool = create();
    const done: string[] = [];
    await Promise.all([
      pool.run(drawJob()).then(() => done.push("first")),
      pool.run({ kind: "parse", csv: bytes(CSV) }).then(() => done.push("second")),
      pool.run(drawJob()).then(() => done.push("third")),
    ]);
    expect(done).toEqual(["first", "second", "third"]);
  });
});

describe("the pool", () => {
  it("gives up a job that takes too long, and does the next in a new thread", async () => {
    const warn = vi.fn<(fields: object, text: string) => void>();
    const pool = create({ program: ODD_PROGRAM, timeoutMs: 1_000, log: { warn } });
    const firstThread = await threadOf(pool);
    const hanging = pool.run(odd("hang"));
    const next = threadOf(pool);
    await expect(hanging).rejects.toMatchObject({ name: "WorkerError", reason: "slow" });
    expect(await next).not.toBe(firstThread);
    expect(warn).toHaveBeenCalledOnce();
  });

  it.each(["throw", "exit"] as const)("survives a thread that dies by %s", async (kind) => {
    const pool = create({ program: ODD_PROGRAM });
    const firstThread = await threadOf(pool);
    await expect(pool.run(odd(kind))).rejects.toMatchObject({ name: "WorkerError", reason: "died" });
    expect(await threadOf(pool)).not.toBe(firstThread);
  });

  it("survives a thread that outgrows its memory, and replaces it", async () => {
    const pool = create({ program: ODD_PROGRAM, maxHeapMb: 32 });
    const firstThread = await threadOf(pool);
    await expect(pool.run(odd("grow"))).rejects.toMatchObject({
      name: "WorkerError",
      reason: "died",
      message: expect.stringContaining("memory"),
    });
    expect(await threadOf(pool)).not.toBe(firstThread);
  });

  it("has one thread a core but one, at least one, and starts the next only when all others work", async () => {
    const pool = create({ program: ODD_PROGRAM, size: 3 });
    const [one, two] = await Promise.all([threadOf(pool), threadOf(pool)]);
    expect(two).not.toBe(one);
    // One job at a time needs no other thread.
    expect([one, two]).toContain(await threadOf(pool));
    const three = await Promise.all([threadOf(pool), threadOf(pool), threadOf(pool)]);
    expect(new Set(three).size).toBe(3);
    const usual = create({ program: ODD_PROGRAM });
    const jobs = Array.from({ length: availableParallelism() + 1 }, () => threadOf(usual));
    expect(new Set(await Promise.all(jobs)).size).toBe(Math.max(1, availableParallelism() - 1));
  });

  it("does what is drawn beside a report that takes long, and ends the report's thread when that is done", async () => {
    const pool = create({ program: ODD_PROGRAM, size: 1, idleMs: 1 });
    const report = (kind: "echo" | "hang") => pool.run({ ...odd(kind), database: {} } as Job);
    const reading = async () => ((await report("echo")) as unknown as { threadId: number }).threadId;
    const first = await reading();
    expect(await threadOf(pool)).not.toBe(first);
    await vi.waitFor(async () => expect(await reading()).not.toBe(first), { interval: 20 });
    const hanging = report("hang").catch((error: unknown) => error);
    expect(await threadOf(pool)).toBeGreaterThan(0);
    await pool.stop();
    expect(await hanging).toMatchObject({ reason: "stopped" });
  });

  it("keeps its thread from job to job", async () => {
    const pool = create({ program: ODD_PROGRAM });
    expect(await threadOf(pool)).toBe(await threadOf(pool));
  });

  it("refuses a job when too many wait", async () => {
    const pool = create({ program: ODD_PROGRAM, maxQueue: 2 });
    const accepted = [threadOf(pool), threadOf(pool), threadOf(pool)];
    await expect(pool.run(odd("echo"))).rejects.toMatchObject({ name: "WorkerError", reason: "full" });
    expect(await Promise.all(accepted)).toHaveLength(3);
    expect(await threadOf(pool)).toBeGreaterThan(0);
  });

  it("ends an idle thread and starts another when there is work", async () => {
    const pool = create({ program: ODD_PROGRAM, idleMs: 1 });
    const firstThread = await threadOf(pool);
    await vi.waitFor(async () => expect(await threadOf(pool)).not.toBe(firstThread), { interval: 20 });
  });

  it("rejects what is under way, what waits and what comes later once it is stopped", async () => {
    const pool = create({ program: ODD_PROGRAM });
    await threadOf(pool);
    const jobs = [pool.run(odd("hang")), pool.run(odd("echo"))].map((job) =>
      expect(job).rejects.toMatchObject({ reason: "stopped" }),
    );
    await pool.stop();
    await Promise.all(jobs);
    await expect(pool.run(odd("echo"))).rejects.toMatchObject({ name: "WorkerError", reason: "stopped" });
  });

  it("does not keep the process alive when it is idle", async () => {
    const program = `
      import { createWorker } from ${JSON.stringify(new URL("../../src/worker/pool.ts", import.meta.url).href)};
      const page = await createWorker().run({ kind: "parse", csv: new TextEncoder().encode(${JSON.stringify(CSV)}) });
      console.log(page.times.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
      timeout: 15_000,
    });
    expect(stdout.trim()).toBe("2");
  });
});
