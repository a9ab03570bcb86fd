import { lstat, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts another text in the place of a file's, as a whole, with its mode and owner: whoever reads it meanwhile, or after a crash, finds one
 * of the two.
 * @returns whether the file was still what it was; if not, nothing is done
 */
export async function replaceText(path: string, before: string, after: string): Promise<boolean> {
  const next = `${path}.new`;
  const { mode, uid, gid } = await lstat(path);
  try {
    await using file = await open(next, "w", mode & 0o777);
    await file.writeFile(after);
    await file.chmod(mode & 0o777);
    await keepOwner(file, uid, gid);
    await file.sync();
    if ((await readFile(path, "utf8")).replace(/^\uFEFF/, "") !== before) {
      await rm(next);
      return false;
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => undefined);
    throw error;
  }
  await using folder = await open(dirname(path));
  await folder.sync();
  return true;
}

/** Only the system's own user may give a file to another one. */
async function keepOwner(file: FileHandle, uid: number, gid: number): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid).catch(() => undefined);
}
