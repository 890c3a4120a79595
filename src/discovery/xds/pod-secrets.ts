import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a pod has mounted to be let in by its control plane. */
export interface PodSecrets {
  /** Of the authority that signs for the control plane. */
  readonly caFile: string | undefined;
  /** Of the pod's ServiceAccount, for the control plane. */
  readonly tokenFile: string | undefined;
}

const usualFolder = "/var/run/secrets/meshless";

/** Those that there are: `ca.crt` and `token` in the folder that `MESHLESS_SECRETS` names, or else in the usual one. */
export function podSecrets({ MESHLESS_SECRETS: folder }: Readonly<Record<string, string | undefined>>): PodSecrets {
  const found = (name: string) => {
    const path = join(folder || usualFolder, name);
    return existsSync(path) ? path : undefined;
  };
  return { caFile: found("ca.crt"), tokenFile: found("token") };
}
