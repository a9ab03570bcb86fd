import { flushCompileCache } from "node:module";
import { readSettingsFile, type Settings } from "../config/settings-file.ts";
import { SETTING_NAMES } from "../config/given.ts";
import { secretsOf, type Config } from "../config/config.ts";
import { readConfig } from "../config/read-config.ts";
import { ConfigError } from "../lib/errors.ts";
import { readPlantsFile } from "../plants/plants-file.ts";
import { createProgram, type Program } from "../app/program.ts";
import { createRedactor, type Redact } from "../lib/redact.ts";

const EXIT_FAILED = 1;
/** Tells a service manager not to start again: only a person can mend the settings. */
const EXIT_CONFIG = 2;

/** Until the settings are read: what is wrong with them is told without their values. */
let redact: Redact = (text) => text;

/** Environment → program → signals → exit code. */
async function start(): Promise<void> {
  // What the environment says comes first; the file fills in the rest.
  const settings = readSettingsFile(process.env, ".env", SETTING_NAMES);
  for (const [name, value] of Object.entries(settings.variables)) {
    // For what the program is made of, such as SQLITE_TMPDIR; settings stay out of what others may look at.
    if (!SETTING_NAMES.includes(name)) process.env[name] ??= value;
  }
  const config = await readAll(settings);
  redact = createRedactor(secretsOf(config));
  const program = createProgram(config, end);
  stopOnSignal(program);
  // Also for a program that stands by for long, or is never stopped in order.
  flushCompileCache();
  await program.start();
  flushCompileCache();
}

/** Stops in order when it is asked to. */
function stopOnSignal(program: Program): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    program.stop().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

/** Reads the settings; if they are wrong, what is wrong in the plants file is told with them. */
async function readAll(settings: Settings): Promise<Config> {
  try {
    return readConfig(settings.variables, settings);
  } catch (error) {
    const path = settings.variables["PLANTS_FILE"];
    if (!(error instanceof ConfigError) || !path || error.problems.some((text) => text.startsWith("PLANTS_FILE")))
      throw error;
    const more = await readPlantsFile(path).then(
      () => [],
      (reason: unknown) => (reason instanceof ConfigError ? reason.problems : [String(reason)]),
    );
    throw new ConfigError([...error.problems, ...more]);
  }
}

/**
 * Ends at once: whoever starts it again has one that stands by. Not by `process.exit`, which waits for Node's own threads, and was seen to do
 * so for ever in a process that had been frozen: it would neither act nor be started again.
 */
function end(reason: string): void {
  process.stderr.write(`Valvomo ends: ${reason}.\n`);
  // What is left of the log.
  process.emit("exit", EXIT_FAILED);
  process.kill(process.pid, "SIGKILL");
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(
      redact(`Valvomo cannot start:\n${error.problems.map((problem) => `- ${problem}\n`).join("")}`),
    );
    process.exit(error.mayPass ? EXIT_FAILED : EXIT_CONFIG);
  }
  process.stderr.write(redact(`Valvomo ends: ${error instanceof Error ? error.stack : String(error)}\n`));
  process.exit(EXIT_FAILED);
}

// The log and the terminal must not end the program: what is not taken there is left out.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
process.on("SIGHUP", () => undefined);
// What Node.js would print itself may hold anything, secrets too.
process.on("uncaughtException", fail).on("unhandledRejection", fail);
start().catch(fail);
