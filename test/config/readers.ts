/**
 * How others read a file of settings, made after their sources: docker/cli `pkg/kvfile`, compose-go `dotenv/parser.go`, systemd
 * `src/basic/env-file.c`. Each gives the values as the program would find them in its environment.
 */
type Read = (text: string) => Record<string, string>;

/** All behind the `=` as it is; blanks before a name go, and lines that begin with # or are empty. */
const docker: Read = (text) =>
  Object.fromEntries(
    text
      .split("\n")
      .map((line) => line.replace(/\r$/, "").trimStart())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );

/** @param comment what ends a value without quotes */
const compose =
  (comment: RegExp): Read =>
  (text) => {
    const values: Record<string, string> = {};
    let rest = text;
    for (;;) {
      rest = rest.trimStart();
      if (rest === "") return values;
      if (rest.startsWith("#")) {
        rest = /\n[^]*$/.exec(rest)?.[0] ?? "";
        continue;
      }
      const key = /^[^=:\n]*/.exec(rest)?.[0] ?? "";
      rest = rest.slice(key.length + 1).replace(/^[ \t\r\v\f]+/, "");
      const quoted = /^(['"])(|[^]*?[^\\])\1/.exec(rest);
      const raw = quoted?.[0] ?? /^.*/.exec(rest)?.[0] ?? "";
      rest = rest.slice(raw.length);
      const value = quoted?.[2] ?? (raw.split(comment)[0] ?? "").trimEnd();
      values[key.trimEnd()] = quoted?.[1] === "'" ? value : expanded(value, quoted !== null);
    }
  };

const expanded = (value: string, isQuoted: boolean): string =>
  (isQuoted ? value.replace(/\\(.)/g, "$1") : value).replace(/\$\$|\$\{[^}]*\}|\$\w*/g, "");

const systemd: Read = (text) => {
  const values: Record<string, string> = {};
  let state = "before";
  let [key, value] = ["", ""];
  const end = (isChomped: boolean): void => {
    values[key.trimEnd()] = isChomped ? value.trimEnd() : value;
    [state, key, value] = ["before", "", ""];
  };
  for (const c of `${text}\n`) {
    const isEnd = c === "\n" || c === "\r";
    if (state === "before") {
      if ("#;".includes(c)) state = "comment";
      else if (!/\s/.test(c)) [state, key] = ["key", c];
    } else if (state === "comment") {
      if (c === "\\") state = "comment escape";
      else if (isEnd) state = "before";
    } else if (state === "comment escape") state = "comment";
    else if (state === "key") {
      if (isEnd) [state, key] = ["before", ""];
      else if (c === "=") state = "before value";
      else key += c;
    } else if (state === "before value") {
      if (isEnd) end(false);
      else if (c === "'" || c === '"') state = c;
      else if (c === "\\") state = "escape";
      else if (!/\s/.test(c)) [state, value] = ["value", value + c];
    } else if (state === "value") {
      if (isEnd) end(true);
      else if (c === "\\") state = "escape";
      else value += c;
    } else if (state === "escape") {
      state = "value";
      if (!isEnd) value += c;
    } else if (state === "'") {
      if (c === "'") state = "before value";
      else value += c;
    } else if (state === '"') {
      if (c === '"') state = "before value";
      else if (c === "\\") state = '"escape';
      else value += c;
    } else {
      state = '"';
      value += '"\\`$'.includes(c) ? c : isEnd ? "" : `\\${c}`;
    }
  }
  return values;
};

/** By the names that people know them by. */
export const READERS: Readonly<Record<string, Read>> = {
  docker,
  compose: compose(/\s#/),
  systemd,
};

/** Those that end a value at any #, unless it stands in quotes: older compose, and what is like it. */
export const CUTTING: Readonly<Record<string, Read>> = { "older compose": compose(/#/) };
