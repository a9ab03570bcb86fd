import type { KeyValue } from "./sql/facts.ts";

/**
 * What the next run must know and changes too often to be written each time; to be called about once a second.
 * @param parts what there is to be known, by the names under which it is kept
 */
export function createKeeping(facts: Pick<KeyValue, "write">, parts: Readonly<Record<string, () => unknown>>) {
  const written = new Map<string, string>();
  return async (): Promise<void> => {
    for (const [name, read] of Object.entries(parts)) {
      const content = read();
      const text = JSON.stringify(content);
      if (written.get(name) === text) continue;
      await facts.write(name, content);
      written.set(name, text);
    }
  };
}
