import { describe, expect, it } from "vitest";
import { createTeardown } from "../../../src/lib/time/teardown.ts";

describe("a lifecycle", () => {
  const setUp = () => {
    const stopped: string[] = [];
    const logged: string[] = [];
    const teardown = createTeardown({ error: (_: object, message?: string) => logged.push(message ?? "") } as never);
    const part = (name: string) => ({ stop: async () => void stopped.push(name) });
    return { stopped, logged, teardown, part };
  };

  it("stops what was opened in the opposite order", async () => {
    const { stopped, teardown, part } = setUp();
    teardown.add("database", part("database"));
    teardown.add("worker", () => void stopped.push("worker"));
    teardown.add("broker", part("broker"));
    await teardown.stop(1_000);
    expect(stopped).toEqual(["broker", "worker", "database"]);
  });

  it("stops each once, however often it is asked to", async () => {
    const { stopped, teardown, part } = setUp();
    teardown.add("database", part("database"));
    await Promise.all([teardown.stop(1_000), teardown.stop(1_000)]);
    expect(stopped).toEqual(["database"]);
  });

  it("lets parts that were added together stop at the same time, and those below wait for the last of them", async () => {
    const { stopped, teardown, part } = setUp();
    const slow = Promise.withResolvers<void>();
    teardown.add("database", part("database"));
    teardown.add("sources", { stop: () => slow.promise }, part("chat"));
    const stopping = teardown.stop(1_000);
    await Promise.resolve();
    expect(stopped).toEqual(["chat"]);
    slow.resolve();
    await stopping;
    expect(stopped).toEqual(["chat", "database"]);
  });

  it("goes on below one that fails, and says which it was", async () => {
    const { stopped, logged, teardown, part } = setUp();
    teardown.add("database", part("database"));
    teardown.add("broker", { stop: () => Promise.reject(new Error("lost")) });
    teardown.add("plant", () => {
      throw new Error("lost");
    });
    await teardown.stop(1_000);
    expect(stopped).toEqual(["database"]);
    expect(logged).toEqual(["plant did not stop in order", "broker did not stop in order"]);
  });

  it("leaves one that never ends when its time is over, and still closes what is below", async () => {
    const { stopped, logged, teardown, part } = setUp();
    teardown.add("database", part("database"));
    teardown.add("broker", { stop: () => new Promise<void>(() => undefined) });
    await teardown.stop(0);
    expect(stopped).toEqual(["database"]);
    expect(logged).toEqual(["stopping anyway"]);
  });
});
