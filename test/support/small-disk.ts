import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const mount = (folder: string, megabytes: number): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "valvomo-test", folder]).status === 0;
const unmount = (folder: string): void => void spawnSync("umount", [folder]);

/** Whether a real disk that is small can be made here: it takes the right to mount one. */
export const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "valvomo-mount-"));
  const isMounted = mount(folder, 1);
  if (isMounted) unmount(folder);
  rmSync(folder, { recursive: true, force: true });
  if (!isMounted)
    process.stderr.write("\n*** nothing can be mounted here: the tests on a full disk are SKIPPED ***\n\n");
  return isMounted;
})();

/** A disk of its own in the place of a folder. */
export interface SmallDisk {
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  remove(): void;
}

/** Puts a small disk where a folder is; what was in the folder is not seen until it is removed. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk {
  if (!mount(folder, megabytes)) throw new Error(`no disk can be mounted on ${folder}`);
  const filler = join(folder, "others");
  return {
    fill() {
      for (const bytes of [1 << 20, 1 << 12, 1]) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(bytes));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        }
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove: () => unmount(folder),
  };
}
