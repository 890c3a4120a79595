import { open, rename, rm } from "node:fs/promises";
import { threadId } from "node:worker_threads";

/** Writes a file that its owner alone may read, in one step: whoever reads it, or loses power, has the old content or the new one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}-${threadId}.tmp`;
  try {
    // What is there was left by a process that died, or was put there for us to write through.
    await rm(draft, { force: true });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
