import type { Field } from "../measurements/source.ts";
import { prepareForRequest, type PlotProblem } from "./plot-command.ts";

/**
 * Reads what was typed as about the channel's fields and, where these have no such, as about members of devices, of which there are
 * hundreds. Members are found also while the channel cannot be reached.
 * @param read reads what was typed, given what it may be about
 * @param members those that it may mean, and those that are offered where it means nothing that is known
 */
export async function readAmong<F extends Field, Request>(
  typed: string,
  read: (fields: readonly F[]) => { readonly value: Request } | PlotProblem,
  fields: () => Promise<readonly F[]>,
  members: { readonly like: readonly F[]; readonly all: () => readonly F[] },
): Promise<{ readonly value: Request } | PlotProblem> {
  const readAbout = async (some: readonly F[]): Promise<{ readonly value: Request } | PlotProblem> => {
    await prepareForRequest(typed, some);
    return read(some);
  };
  const readMembers = async () => (members.like.length === 0 ? null : readAbout(members.like));
  let known: readonly F[];
  try {
    known = await fields();
  } catch (error) {
    const ofMembers = await readMembers();
    if (ofMembers !== null && "value" in ofMembers) return ofMembers;
    throw error;
  }
  const ofChannel = await readAbout(known);
  if ("value" in ofChannel) return ofChannel;
  const ofMembers = await readMembers();
  if (ofMembers !== null && ("value" in ofMembers || ofMembers.choice !== null)) return ofMembers;
  if (ofChannel.choice !== null) return ofChannel;
  const all = members.all();
  return all.length === 0 ? ofChannel : readAbout([...known, ...all]);
}
