import type { Field } from "../measurements/source.ts";
import type { PlotProblem } from "./plot-command.ts";

/**
 * Reads what was typed as about the channel's fields and, where these have no such, as about members of devices, of which there are
 * hundreds. Members are found also while the channel cannot be reached.
 * @param read reads it, given what it may be about
 * @param members those that it may mean, and those that are offered where it means nothing that is known
 */
export async function readAmong<F extends Field, Request>(
  read: (fields: readonly F[]) => { readonly value: Request } | PlotProblem,
  fields: () => Promise<readonly F[]>,
  members: { readonly like: readonly F[]; readonly all: () => readonly F[] },
): Promise<{ readonly value: Request } | PlotProblem> {
  const readMembers = () => (members.like.length === 0 ? null : read(members.like));
  let known: readonly F[];
  try {
    known = await fields();
  } catch (error) {
    const ofMembers = readMembers();
    if (ofMembers !== null && "value" in ofMembers) return ofMembers;
    throw error;
  }
  const ofChannel = read(known);
  if ("value" in ofChannel) return ofChannel;
  const ofMembers = readMembers();
  if (ofMembers !== null && ("value" in ofMembers || ofMembers.choice !== null)) return ofMembers;
  if (ofChannel.choice !== null) return ofChannel;
  const all = members.all();
  return all.length === 0 ? ofChannel : read([...known, ...all]);
}
