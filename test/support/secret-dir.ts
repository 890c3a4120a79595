import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TlsFiles } from "../../src/index.ts";
import type { Credentials } from "./test-pki.ts";

/** A directory as kubelet mounts a secret: `tls.crt` -> `..data/tls.crt`, `..data` -> a directory that is swapped whole. */
export interface SecretDir extends AsyncDisposable {
  readonly files: { readonly [kind in keyof TlsFiles]-?: string };
  /** Swaps all contents at once, as kubelet does. */
  swap(ca: string, credentials: Credentials): Promise<void>;
}

export async function createSecretDir(ca: string, credentials: Credentials): Promise<SecretDir> {
  const dir = await mkdtemp(join(tmpdir(), "meshless-tls-"));
  let version = 0;
  const swap = async (ca: string, { cert, key }: Credentials) => {
    const data = `..${++version}`;
    await mkdir(join(dir, data));
    const contents = { "ca.crt": ca, "tls.crt": cert, "tls.key": key };
    for (const [name, text] of Object.entries(contents)) await writeFile(join(dir, data, name), text);
    await symlink(data, join(dir, "..data_tmp"));
    await rename(join(dir, "..data_tmp"), join(dir, "..data"));
    if (version > 1) await rm(join(dir, `..${version - 1}`), { recursive: true });
  };
  await swap(ca, credentials);
  for (const name of ["ca.crt", "tls.crt", "tls.key"]) await symlink(join("..data", name), join(dir, name));
  return {
    files: { ca: join(dir, "ca.crt"), cert: join(dir, "tls.crt"), key: join(dir, "tls.key") },
    swap,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}
