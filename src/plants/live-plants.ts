import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { OwnMessage } from "../alarms/payloads/own.ts";
import { ConfigError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { DEFAULT_PLANTS, type Plants } from "./plants.ts";
import { readPlantsFile } from "./plants-file.ts";

/** What the plants file says now; whoever reads it at use follows when the file changes. */
export interface LivePlants {
  readonly plants: Plants;
  /** Looks whether the file changed, and takes what it says now, unless something is wrong with it. */
  readonly look: (followers: PlantsFollowers) => Promise<void>;
}

/** Those who are told of a file that changed. */
export interface PlantsFollowers {
  /** Lets those follow who do not read the plants at use, with what was in force before; tried again if it rejects. */
  readonly onChange: (former: Plants) => Promise<void>;
  /** Tells about the file; also that it is right when nobody was told otherwise, in this run. */
  readonly report: (message: OwnMessage) => Promise<void>;
}

/** In an alarm's text; the log has them all. */
const MAX_PROBLEMS = 3;

/**
 * Reads the plants file, and again when it changes. A file with a fault changes nothing, and is an alarm of our own until it is mended.
 * @param options.path `null`: there is none, and all is as by default
 * @throws ConfigError if it cannot be used at the start
 */
export async function openLivePlants(options: {
  readonly path: string | null;
  readonly log: Logger;
}): Promise<LivePlants> {
  const { path, log } = options;
  const name = path === null ? "The plants file" : basename(path);
  /** The file as it was read last, and as it was seen last. */
  let taken = path === null ? "" : await markOf(path);
  let seen = taken;
  let current = path === null ? DEFAULT_PLANTS : await readPlantsFile(path);
  let followed = current;
  /** What is to be told of it. At the start that it is right: an earlier run may have left an alarm. */
  let untold: readonly string[] | null = [];

  async function take(file: string, { onChange }: PlantsFollowers): Promise<void> {
    try {
      current = await readPlantsFile(file);
      await onChange(followed);
      followed = current;
      untold = [];
      log.info({ file: name }, "the plants file was read again");
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) log.error(problem);
      untold = error.problems;
    }
  }

  async function lookAt(file: string, followers: PlantsFollowers): Promise<void> {
    const mark = await markOf(file);
    // Somebody may be in the middle of writing it, and half a file may be a right one: it is read when it has come to rest.
    if (mark !== taken && mark === seen) {
      await take(file, followers);
      taken = mark;
    }
    seen = mark;
  }

  return {
    plants: following(() => current),
    async look(followers) {
      if (path !== null) await lookAt(path, followers);
      if (untold === null) return;
      await followers.report(messageOf(name, untold));
      untold = null;
    },
  };
}

function messageOf(name: string, problems: readonly string[]): OwnMessage {
  const id = "plants file";
  const severity = "warning";
  const isForAdmins = true;
  if (problems.length === 0) {
    return { id, severity, isForAdmins, state: "cleared", message: `${name} is right again, and in force` };
  }
  const lines = [
    `${name} cannot be used; what it said before stays in force.`,
    ...problems.slice(0, MAX_PROBLEMS),
    ...(problems.length > MAX_PROBLEMS ? [`… and ${problems.length - MAX_PROBLEMS} more; see the log.`] : []),
  ];
  return { id, severity, isForAdmins, state: "active", message: lines.join("\n") };
}

/** The plants as they are at each look. */
const following = (current: () => Plants): Plants => ({
  get chats() {
    return current().chats;
  },
  get routes() {
    return current().routes;
  },
  get escalation() {
    return current().escalation;
  },
  get duty() {
    return current().duty;
  },
  get alarms() {
    return current().alarms;
  },
  get shiftStarts() {
    return current().shiftStarts;
  },
  get names() {
    return current().names;
  },
  get quality() {
    return current().quality;
  },
  get severities() {
    return current().severities;
  },
  get heartbeats() {
    return current().heartbeats;
  },
  get bridges() {
    return current().bridges;
  },
  get confirm() {
    return current().confirm;
  },
  get devices() {
    return current().devices;
  },
  get channels() {
    return current().channels;
  },
  get file() {
    return current().file;
  },
  get fields() {
    return current().fields;
  },
});

/** Another one for another content, also when an editor or Kubernetes put another file in its place; empty without a file. */
async function markOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return [mtimeMs, size, ino].join(" ");
  } catch {
    return "";
  }
}
