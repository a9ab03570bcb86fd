import type { ResponseParameters } from "grammy/types";

/** Telegram says no; `message` is the wire's `description`, word for word as the real service writes it (FACTS: C3). */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly parameters: ResponseParameters | undefined;

  constructor(status: number, description: string, parameters?: ResponseParameters) {
    super(description);
    this.status = status;
    this.parameters = parameters;
  }
}

/** A 400: the call cannot be carried out as it stands. */
export function badRequest(reason: string, parameters?: ResponseParameters): Refusal {
  return new Refusal(400, `Bad Request: ${reason}`, parameters);
}

/** A 403: the bot may not write there. */
export function forbidden(reason: string): Refusal {
  return new Refusal(403, `Forbidden: ${reason}`);
}

/** A 429: too fast; the caller has to wait that many whole seconds. */
export function tooManyRequests(retryAfterSeconds: number): Refusal {
  return new Refusal(429, `Too Many Requests: retry after ${retryAfterSeconds}`, { retry_after: retryAfterSeconds });
}
