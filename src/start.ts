import { existsSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { createApp } from "./app.ts";
import { readConfig, secretsOf } from "./config.ts";
import { ConfigError } from "./errors.ts";
import { createRedactor, type Redact } from "./redact.ts";

const EXIT_FAILED = 1;
/** Tells a service manager not to start again: only a person can mend the settings. */
const EXIT_CONFIG = 2;

/** Until the settings are read: what is wrong with them is told without their values. */
let redact: Redact = (text) => text;

/** Environment → app → signals → exit code. */
async function start(): Promise<void> {
  // What the environment says comes first; the file fills in the rest.
  if (existsSync(".env")) process.loadEnvFile(".env");
  const config = readConfig(process.env);
  redact = createRedactor(secretsOf(config));
  const app = await createApp(config);
  await app.start();
  // Also for a program that is never stopped in order.
  flushCompileCache();

  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}

function fail(error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(`Valvomo cannot start:\n${error.problems.map((problem) => `- ${problem}\n`).join("")}`);
    process.exit(EXIT_CONFIG);
  }
  process.stderr.write(redact(`Valvomo ends: ${error instanceof Error ? error.stack : String(error)}\n`));
  process.exit(EXIT_FAILED);
}

// What Node.js would print itself may hold anything, secrets too.
process.on("uncaughtException", fail).on("unhandledRejection", fail);
start().catch(fail);
