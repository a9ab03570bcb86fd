import { pino, type Logger } from "pino";

export type { Logger };

/** Cutting out every "1" would leave no log. */
const MIN_SECRET_LENGTH = 4;

/** JSON lines on standard output. Secrets are kept out at the source; the token, which stands in Telegram's URLs, is also cut out here. */
export function createLogger(options: { readonly level: string; readonly secrets: readonly string[] }): Logger {
  const secrets = options.secrets
    .filter((secret) => secret.length >= MIN_SECRET_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write(line: string) {
        process.stdout.write(secrets.reduce((text, secret) => text.replaceAll(secret, "[secret]"), line));
      },
    },
  );
}
