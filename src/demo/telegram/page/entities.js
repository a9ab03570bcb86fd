import { element } from "./dom.js";

/**
 * Builds the nodes of a formatted text from its entities (offsets in UTF-16 units, as JavaScript counts).
 * `deeds` says what a press does: `say(text)` for a command, `follow(url)` for a link, which tells whether it was one of ours.
 */
export function formatted(text, entities, deeds) {
  return range(text, entities, 0, text.length, deeds);
}

function range(text, entities, start, end, deeds) {
  const nodes = [];
  let at = start;
  let rest = entities;
  while (rest.length > 0) {
    const [outer, ...others] = rest;
    const from = Math.max(at, outer.offset);
    const to = Math.min(end, outer.offset + outer.length);
    if (from > at) nodes.push(text.slice(at, from));
    const inner = others.filter((entity) => entity.offset < to);
    if (to > from) nodes.push(wrap(outer, text.slice(from, to), range(text, inner, from, to, deeds), deeds));
    at = Math.max(at, to);
    rest = others.filter((entity) => entity.offset >= to);
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

const plainTags = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};

function wrap(entity, text, children, deeds) {
  const tag = plainTags[entity.type];
  if (tag) return element(tag, {}, ...children);
  switch (entity.type) {
    case "text_link":
      return link(entity.url, children, deeds);
    case "url":
      return link(text, children, deeds);
    case "bot_command":
      return element("button", { type: "button", className: "command", onclick: () => deeds.say(text) }, ...children);
    case "date_time":
      return time(entity, text);
    case "expandable_blockquote":
      return expandable(children);
    case "spoiler":
      return spoiler(children);
    default:
      return element("span", {}, ...children);
  }
}

/** Only web addresses can be followed: a bot's text must not run script here. */
function link(url, children, deeds) {
  if (!/^https?:/i.test(url)) return element("span", { className: "link" }, ...children);
  return anchor(url, {}, children, deeds);
}

/** A link out of the page, unless it is one into a chat of ours. */
export function anchor(url, properties, children, { follow }) {
  const onclick = (event) => {
    if (follow(url)) event.preventDefault();
  };
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer", onclick, ...properties }, ...children);
}

function expandable(children) {
  const quote = element("blockquote", { className: "folded" }, ...children);
  quote.addEventListener("click", () => quote.classList.toggle("folded"));
  return quote;
}

function spoiler(children) {
  const hidden = element("span", { className: "spoiler" }, ...children);
  hidden.addEventListener("click", () => hidden.classList.add("shown"));
  return hidden;
}

/** By the viewer's own clock, or how long ago; what the bot wrote stands behind it. */
function time({ unix_time: unix, date_time_format: format }, text) {
  const at = new Date(unix * 1000);
  const shown = element("time", { dateTime: at.toISOString(), title: text });
  shown.textContent = format === "r" ? age(Date.now() - at) : byClock(at, format) || text;
  return shown;
}

function age(ms) {
  const steps = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1_000, "second"],
  ];
  const [length, unit] = steps.find(([length]) => ms >= length) ?? [1_000, "second"];
  return new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(-Math.floor(ms / length), unit);
}

function byClock(at, format) {
  const date = /[dD]/.test(format) ? { dateStyle: format.includes("D") ? "long" : "short" } : {};
  const clock = /[tT]/.test(format) ? { timeStyle: format.includes("T") ? "medium" : "short" } : {};
  return date.dateStyle || clock.timeStyle ? at.toLocaleString([], { ...date, ...clock }) : "";
}
