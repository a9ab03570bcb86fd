/** Cutting out every "1" would leave no log. */
const MIN_SECRET_LENGTH = 4;

/** Makes text fit to be read by people: secrets are cut out, in whatever form they stand there. */
export type Redact = (text: string) => string;

/**
 * Cuts out what is secret: as it is, in JSON, in a URL, in a form, and in the header of a login by user name and password.
 * @param added more secrets, as they are now: the same array as long as they are the same
 */
export function createRedactor(secrets: readonly string[], added: () => readonly string[] = () => NONE): Redact {
  let known = NONE;
  let redact = redactorOf(secrets);
  return (text) => {
    const more = added();
    if (more !== known) {
      known = more;
      redact = redactorOf([...secrets, ...more]);
    }
    return redact(text);
  };
}

const NONE: readonly string[] = [];

function redactorOf(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH).flatMap(formsOf))]
    // The longest first: one may hold another.
    .sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, "[secret]"), text);
}

function formsOf(secret: string): string[] {
  const url = new URL("http://host");
  url.password = secret;
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url.password,
    encodeURIComponent(secret.toWellFormed()),
    new URLSearchParams({ s: secret }).toString().slice("s=".length),
    Buffer.from(secret).toString("base64"),
  ];
}
