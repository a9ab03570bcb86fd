import type { Field } from "../measurements/source.ts";
import type { PlotProblem } from "./plot-command.ts";

/**
 * Reads what was typed as about the channel's fields and, where these have no such, as about members of devices, of which there are
 * hundreds. Members are found also while the channel cannot be reached.
 * @param read reads it, given what it may be about
 * @param members those that it may mean, and those that are offered where it means nothing that is known
 */
export async function readAmong<F extends Field, R extends { readonly ok: true }>(
  read: (fields: readonly F[]) => R | PlotProblem,
  fields: () => Promise<readonly F[]>,
  members: { readonly like: readonly F[]; readonly all: () => readonly F[] },
): Promise<R | PlotProblem> {
  const readMembers = (): R | PlotProblem | null => (members.like.length === 0 ? null : read(members.like));
  let known: readonly F[];
  try {
    known = await fields();
  } catch (error) {
    const ofMembers = readMembers();
    if (ofMembers?.ok === true) return ofMembers;
    throw error;
  }
  const ofChannel = read(known);
  if (ofChannel.ok) return ofChannel;
  const ofMembers = readMembers();
  if (ofMembers !== null && (ofMembers.ok || ofMembers.choice !== null)) return ofMembers;
  if (ofChannel.choice !== null) return ofChannel;
  const all = members.all();
  return all.length === 0 ? ofChannel : read([...known, ...all]);
}
