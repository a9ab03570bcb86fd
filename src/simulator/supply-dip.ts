import { CYCLE_MS } from "./troubles.ts";

/** Once in a cycle a cabinet loses its supply: a flood, as plants know them. */
const DIP_AT_MS = 396_000;
const BACK_AT_MS = 414_000;
const PER_SECOND = 10;

/** What one module reports. */
interface ModuleNews {
  readonly name: string;
  readonly severity: "warning" | "error" | "critical";
  readonly isDown: boolean;
}

const MODULES = ["Safety relay F1", ...Array.from({ length: 35 }, (_, i) => `Terminal EL${3_001 + i}`)];

/** What the modules report at a whole second since the plant went live: ten a second go down, and come back as fast. */
export function modulesAt(sinceMs: number): readonly ModuleNews[] {
  const offsetMs = sinceMs % CYCLE_MS;
  const isDown = offsetMs < BACK_AT_MS;
  const second = Math.floor((offsetMs - (isDown ? DIP_AT_MS : BACK_AT_MS)) / 1_000);
  if (second < 0) return [];
  return MODULES.slice(second * PER_SECOND, (second + 1) * PER_SECOND).map((name, i) => ({
    name,
    severity: second + i === 0 ? "critical" : i % 3 === 0 ? "error" : "warning",
    isDown,
  }));
}
