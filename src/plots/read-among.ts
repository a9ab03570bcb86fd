import type { Field } from "./find-field.ts";
import type { PlotProblem } from "./plot-command.ts";

/**
 * Reads what was typed as about the channel's fields and, where these have no such, as about members of devices, of which there are
 * hundreds. A channel that cannot be had keeps no member from being found.
 * @param read reads it, given what it may be about
 * @param members those that it may mean
 */
export async function readAmong<F extends Field, R extends { readonly ok: true }>(
  read: (fields: readonly F[]) => R | PlotProblem,
  fields: () => Promise<readonly F[]>,
  members: readonly F[],
): Promise<R | PlotProblem> {
  const readMembers = (): R | PlotProblem | null => (members.length === 0 ? null : read(members));
  let ofChannel: R | PlotProblem;
  try {
    ofChannel = read(await fields());
  } catch (error) {
    const ofMembers = readMembers();
    if (ofMembers?.ok === true) return ofMembers;
    throw error;
  }
  const ofMembers = ofChannel.ok ? null : readMembers();
  return ofMembers !== null && (ofMembers.ok || ofMembers.choice !== null) ? ofMembers : ofChannel;
}
