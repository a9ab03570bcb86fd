/** Whether each % in a part of a URL begins a byte, and the bytes are text. */
export function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== null;
  } catch {
    return false;
  }
}
