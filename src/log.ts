import { pino, type Logger } from "pino";

export type { Logger };

/** JSON lines on standard output. Secrets are kept out at the source; the token, which stands in Telegram's URLs, is also cut out here. */
export function createLogger(options: { readonly level: string; readonly secrets: readonly string[] }): Logger {
  const secrets = options.secrets.filter((secret) => secret !== "");
  return pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write(line: string) {
        process.stdout.write(secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line));
      },
    },
  );
}
