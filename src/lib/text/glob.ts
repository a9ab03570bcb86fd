/**
 * Whether text is as a glob says, from its beginning to its end: `*` stands for any text, the case of letters does not matter. By hand,
 * since globs come from chats: the pieces between the stars are looked for once each, from left to right, so no glob takes long.
 */
export const matchesGlob = (glob: string, text: string): boolean => matchesPieces(glob.split("*"), text);

/** As `matchesGlob`, but `\*` stands for a star itself. */
export const matchesExactGlob = (glob: string, text: string): boolean =>
  matchesPieces(
    glob.split(/(?<!\\)\*/).map((piece) => piece.replaceAll(ESCAPED_STAR, "*")),
    text,
  );
const ESCAPED_STAR = String.raw`\*`;

/** What `matchesExactGlob` takes for that text alone. */
export const exactGlob = (text: string): string => text.replaceAll("*", ESCAPED_STAR);

function matchesPieces(all: readonly string[], text: string): boolean {
  // Upper case, since how a letter looks in lower case can depend on what follows it.
  const [head = "", ...pieces] = all.map((piece) => piece.toUpperCase());
  const subject = text.toUpperCase();
  const tail = pieces.pop();
  if (tail === undefined) return subject === head;
  if (!subject.startsWith(head) || !subject.endsWith(tail)) return false;
  let end = head.length;
  for (const piece of pieces) {
    const start = subject.indexOf(piece, end);
    if (start === -1) return false;
    end = start + piece.length;
  }
  return end <= subject.length - tail.length;
}
