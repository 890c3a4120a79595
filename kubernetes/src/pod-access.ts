import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AccessSource } from "./reflector/https-client.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const mounted = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Where the apiserver is, and as whom to come, in a pod that has a ServiceAccount's token and no kubeconfig. Undefined where there is none. The files are
 * replaced from time to time, and are read at each request.
 *
 * @param folder where the ServiceAccount is mounted
 */
export function podAccess(env: Environment = process.env, folder = mounted, home: string = homedir()): AccessSource | undefined {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443", KUBECONFIG: kubeconfig = "" } = env;
  const hasKubeconfig = kubeconfig !== "" || existsSync(join(home, ".kube", "config"));
  if (host === "" || hasKubeconfig || !existsSync(join(folder, "token"))) return undefined;
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const read = (name: string) => readFile(join(folder, name), "utf8");
  return async () => {
    const [token, ca] = await Promise.all([read("token"), read("ca.crt")]);
    return { server, headers: { Authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  };
}
