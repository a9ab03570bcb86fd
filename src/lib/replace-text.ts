import { lstat, open, readFile, rename, rm, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCodeOf } from "./errors.ts";

/** Behind the name of a file: what a crash may leave is not to be taken for anybody's draft, nor the other way round. */
const NEXT = ".valvomo-new";

/**
 * Puts another text in the place of a file's, as a whole, with its mode and owner: whoever reads it meanwhile, or after a crash, finds one
 * of the two.
 * @returns whether the file was still what it was; if not, nothing is done
 * @throws Error with a code, and nothing is done: one is that its owner cannot be kept, who could not write it any more
 */
export async function replaceText(path: string, before: string, after: string): Promise<boolean> {
  const next = path + NEXT;
  const { mode, uid, gid } = await lstat(path);
  await unlink(next).catch(unlessMissing);
  try {
    // Never through a link, nor into what others have open.
    await using file = await open(next, "wx", mode & 0o777);
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
  // It is there, also where a folder cannot be synced.
  await syncFolder(dirname(path)).catch(() => undefined);
  return true;
}

async function keepOwner(file: FileHandle, uid: number, gid: number): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path);
  await folder.sync();
}

function unlessMissing(error: unknown): void {
  if (systemCodeOf(error) !== "ENOENT") throw error;
}
