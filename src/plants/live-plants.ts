import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { OwnMessage } from "../alarms/own.ts";
import { ConfigError } from "../errors.ts";
import type { Logger } from "../log.ts";
import { DEFAULT_PLANTS, type Plants } from "./plants.ts";
import { readPlantsFile } from "./plants-file.ts";

/** What the plants file says now; whoever reads it at use follows when the file changes. */
export interface LivePlants {
  readonly plants: Plants;
  /** Looks whether the file changed, and takes what it says now, unless something is wrong with it. */
  look(): Promise<void>;
}

/** In an alarm's text; the log has them all. */
const MAX_PROBLEMS = 3;

/**
 * Reads the plants file, and again when it changes. One that is wrong then changes nothing, and is an alarm of our own until it
 * is right again.
 * @param options.path `null`: there is none, and all is as by default
 * @param options.report tells about the file
 * @throws ConfigError if it cannot be used at the start
 */
export async function openLivePlants(options: {
  readonly path: string | null;
  readonly report: (message: OwnMessage) => Promise<void>;
  readonly log: Logger;
}): Promise<LivePlants> {
  const { path, report, log } = options;
  let current = path === null ? DEFAULT_PLANTS : await readPlantsFile(path);
  let seen = path === null ? "" : await markOf(path);
  let isWrong = false;

  async function reload(file: string): Promise<void> {
    const name = basename(file);
    try {
      const next = await readPlantsFile(file);
      if (needsRestart(current, next))
        log.warn("heartbeats and bridges of the plants file take effect at the next start");
      current = next;
      log.info({ file: name }, "the plants file was read again");
      if (isWrong) await tell(name, []);
      isWrong = false;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) log.error(problem);
      await tell(name, error.problems);
      isWrong = true;
    }
  }

  const tell = (name: string, problems: readonly string[]): Promise<void> =>
    report({
      id: "plants file",
      severity: "warning",
      state: problems.length === 0 ? "cleared" : "active",
      message:
        problems.length === 0
          ? `${name} is right again, and in force`
          : [
              `${name} cannot be used; what it said before stays in force.`,
              ...problems.slice(0, MAX_PROBLEMS),
              ...(problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more; see the log.`] : []),
            ].join("\n"),
    });

  return {
    plants: following(() => current),
    async look() {
      if (path === null) return;
      const mark = await markOf(path);
      if (mark === seen) return;
      await reload(path);
      seen = mark;
    },
  };
}

/** The plants as they are at each look. */
function following(current: () => Plants): Plants {
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.keys(DEFAULT_PLANTS).map((key) => [key, { enumerable: true, get: () => current()[key as keyof Plants] }]),
    ),
  ) as Plants;
}

/** Another one for another content, also when an editor or Kubernetes put another file in its place; empty without a file. */
async function markOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return [mtimeMs, size, ino].join(" ");
  } catch {
    return "";
  }
}

/** The silence watch learns its subscriptions once. */
const needsRestart = (before: Plants, after: Plants): boolean =>
  JSON.stringify([before.heartbeats, before.bridges]) !== JSON.stringify([after.heartbeats, after.bridges]);
