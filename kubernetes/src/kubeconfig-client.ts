import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { type ApiserverAccess, HttpsClient } from "./reflector/https-client.ts";

/**
 * A client of the apiserver that a kubeconfig names.
 *
 * @param file default: where kubectl looks, and then the ServiceAccount of the pod that this runs in
 * @throws Error if there is none, or it names no cluster
 */
export async function kubeconfigClient(file?: string): Promise<HttpsClient> {
  // Some 3,000 files, which nobody else needs.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const load = () => loaded(new KubeConfig(), file);
  let config = load();
  await accessOf(config);
  return new HttpsClient((renews) => {
    if (renews) config = load();
    return accessOf(config);
  });
}

/** What client-node takes when it finds nothing. */
const nothingFound = "http://localhost:8080";

function loaded(config: KubeConfig, file: string | undefined): KubeConfig {
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${file ?? "the kubeconfig"} has no current context with a cluster`);
  if (file === undefined && cluster.server === nothingFound) {
    throw new Error("there is no kubeconfig, and this is no pod with a ServiceAccount: name a file by --kubeconfig");
  }
  if (cluster.proxyUrl !== undefined) throw new Error(`cluster ${cluster.name}: proxy-url is not supported`);
  return config;
}

async function accessOf(config: KubeConfig): Promise<ApiserverAccess> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized, auth } = options;
  const headers = { ...(options.headers as Record<string, string> | undefined), ...(auth && { authorization: basic(auth) }) };
  return {
    server: config.getCurrentCluster()?.server ?? "",
    headers: { ...headers, ...(await tokenHeader(config)) },
    tls: defined({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }),
  };
}

/** A pod's token is a file that is replaced. client-node would read it once a minute, also when it has just been refused. */
async function tokenHeader(config: KubeConfig): Promise<Readonly<Record<string, string>>> {
  const file: unknown = config.getCurrentUser()?.authProvider?.config?.tokenFile;
  if (typeof file !== "string") return {};
  return { Authorization: `Bearer ${(await readFile(file, "utf8")).trim()}` };
}

function basic(auth: string): string {
  return `Basic ${Buffer.from(auth).toString("base64")}`;
}

function defined(tls: Record<string, unknown>): ApiserverAccess["tls"] {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
