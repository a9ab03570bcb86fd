/* oxlint-disable no-control-regex -- controls are what tells text from binary */

/**
 * From bytes to text, wherever a plant's bytes are read. Plants send UTF-8, the code pages of their controllers, what Windows calls
 * Unicode, and buffers that are longer than the text in them.
 */

/** Kept by name, as making a decoder costs more than reading a message. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16le = new TextDecoder("utf-16le", { ignoreBOM: true });
const utf16be = new TextDecoder("utf-16be", { ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");

/** Controls that no text needs: all but tab, line breaks, backspace and the escape of terminal colours. */
const CONTROL = /[\u0001-\u0007\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g;
/** What a serial line puts around a text: start of heading, start and end of text, end of transmission. */
const FRAME = "\u0001\u0002\u0003\u0004";
/** Colours of a terminal (ECMA-48, SGR). */
const COLOUR = /\u001b\[[\d;]*m/g;
/** What a text in the code page of a controller is made of. */
const USUAL = /[\p{L}\p{N}\s\u0020-\u007e°µ±²³…–—‘’“”€·×÷§«»]/gu;
const GZIP = [0x1f, 0x8b];
/** One control in ten characters is a slip; more is not text. */
const MAX_ODD_SHARE = 0.1;

/**
 * The text in a payload; `null` if it is binary: compressed, or a format of numbers.
 *
 * It is read as UTF-8, else as UTF-16 (by its byte order mark, or by where its zeros stand), else as windows-1252. It ends at the first
 * NUL where only NULs or the readable tail of an older text follow, as in a buffer of fixed length; a NUL within JSON is a blank.
 * Empty where there is nothing but NULs. A character that was cut in two at the end becomes U+FFFD.
 */
export function textOf(payload: Uint8Array): string | null {
  if (payload[0] === GZIP[0] && payload[1] === GZIP[1]) return null;
  const text = readUtf8(payload);
  // The usual case first, since it comes thousands of times a second.
  if (text !== null && !/[\0-\u0008\u000e-\u001f\u007f-\u009f\ufeff]/.test(text)) return text;
  const wide = readUtf16(withoutUtf8Marks(payload));
  if (wide !== null) return isMostlyText(wide) ? ended(wide) : null;
  if (text !== null) return isMostlyText(text) ? ended(text) : null;
  const narrow = readSingleBytes(payload);
  return narrow === null ? null : ended(narrow);
}

function readUtf8(payload: Uint8Array): string | null {
  try {
    return utf8.decode(payload);
  } catch {
    return readCutUtf8(payload);
  }
}

/** A buffer that is too short cuts the last character in two. Where that is the only one beyond ASCII, it is not UTF-8. */
function readCutUtf8(payload: Uint8Array): string | null {
  for (let cut = 1; cut <= 3 && cut < payload.length; cut++) {
    const lead = payload[payload.length - cut] ?? 0;
    if (lead < 0xc2 || lead > 0xf4) continue;
    const missing = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (missing <= cut) return null;
    try {
      const head = utf8.decode(payload.subarray(0, -cut));
      return cut === 1 && /^[\0-\u007f]*$/.test(head) ? null : `${head}\uFFFD`;
    } catch {
      return null;
    }
  }
  return null;
}

function withoutUtf8Marks(payload: Uint8Array): Uint8Array {
  let start = 0;
  while (payload[start] === 0xef && payload[start + 1] === 0xbb && payload[start + 2] === 0xbf) start += 3;
  return payload.subarray(start);
}

/** `null` if it is not UTF-16. */
function readUtf16(payload: Uint8Array): string | null {
  const [first, second] = payload;
  if (first === 0xff && second === 0xfe) return decodeWide(payload, utf16le);
  if (first === 0xfe && second === 0xff) return decodeWide(payload, utf16be);
  if (payload.length < 4) return null;
  for (const [high, decoder] of [
    [1, utf16le],
    [0, utf16be],
  ] as const) {
    if (hasZerosAt(payload, high)) {
      const text = decodeWide(payload, decoder);
      if (isMostlyText(text)) return text;
    }
  }
  return null;
}

/** Without the half of a unit that a cut left at the end, unless it says something. */
function decodeWide(payload: Uint8Array, decoder: TextDecoder): string {
  const isHalf = payload.length % 2 === 1 && payload.at(-1) === 0;
  return decoder.decode(isHalf ? payload.subarray(0, -1) : payload);
}

/** Whether the high bytes of most units are zero, and no low one is, up to the first unit that is zero itself. */
function hasZerosAt(payload: Uint8Array, high: 0 | 1): boolean {
  let zeros = 0;
  let units = 0;
  for (let at = 0; at + 1 < payload.length; at += 2, units++) {
    const [upper, lower] = [payload[at + high], payload[at + 1 - high]];
    if (upper === 0 && lower === 0) break;
    if (lower === 0) return false;
    if (upper === 0) zeros += 1;
  }
  return units >= 2 && zeros * 2 > units;
}

/** Bytes of a controller's code page; `null` if no text is made of such. */
function readSingleBytes(payload: Uint8Array): string | null {
  const text = withoutFrame(windows1252.decode(payload));
  if (text.match(CONTROL)) return null;
  const unusual = text.replace(USUAL, "").replaceAll("\0", "").length;
  return unusual <= text.length * MAX_ODD_SHARE ? text : null;
}

function isMostlyText(text: string): boolean {
  const inner = withoutFrame(text).replace(COLOUR, "");
  const odd = inner.match(CONTROL)?.length ?? 0;
  return odd <= inner.length * MAX_ODD_SHARE;
}

/** The text without marks, frames and colours, up to its end. */
function ended(text: string): string {
  const whole = withoutFrame(text.replace(/\ufeff/g, "").replace(COLOUR, ""));
  const end = whole.indexOf("\0");
  if (end === -1) return whole;
  const head = whole.slice(0, end);
  return isOpenJson(head) ? whole.replaceAll("\0", " ").trimEnd() : head;
}

/** Without the signs around a text, and the NULs before it. */
function withoutFrame(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && `${FRAME}\0`.includes(text[start] ?? "")) start += 1;
  while (end > start && FRAME.includes(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

/** JSON that does not end here. */
const isOpenJson = (head: string): boolean => /^\s*[[{]/.test(head) && !/[\]}]\s*$/.test(head);
