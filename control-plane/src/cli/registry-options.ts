import { type Command, InvalidArgumentError } from "commander";
import { type HttpsClient, kubeconfigClient } from "meshless-kubernetes";
import type { Logger } from "../logger.ts";
import { fileRegistry } from "../registry/file-registry.ts";
import { kubernetesRegistry } from "../registry/kubernetes-registry.ts";
import type { Registry } from "../registry/registry.ts";

/** Where services come from. */
export interface RegistryOptions {
  /** A file, or else Kubernetes. */
  readonly registry: { readonly file?: string };
  readonly kubeconfig?: string;
  readonly namespace?: readonly string[];
  readonly ownPodsOnly?: boolean;
  readonly readPods?: boolean;
  readonly readNodes?: boolean;
  readonly serviceImports?: boolean;
  readonly remoteCluster?: Readonly<Record<string, string>>;
  /** Which are checked by the same Kubernetes. */
  readonly tokens?: boolean;
}

/** Its client, which is made when somebody wants it, and is one for all. */
export type Apiserver = () => Promise<HttpsClient>;

export function apiserverOf({ kubeconfig }: RegistryOptions): Apiserver {
  let client: Promise<HttpsClient> | undefined;
  return () => {
    client ??= kubeconfigClient(kubeconfig);
    return client;
  };
}

export function addRegistryOptions(command: Command): Command {
  return command
    .requiredOption(
      "--registry <registry>",
      "where services come from: file:services.yaml, YAML or JSON, read again when it changes; or kubernetes",
      choice,
    )
    .option("--kubeconfig <file>", "which Kubernetes, and as whom. Default: where kubectl looks, then the pod's ServiceAccount")
    .option("--namespace <name...>", "namespaces whose Services are served. Default: all", namespaces)
    .option("--own-pods-only", "leave out endpoints that Kubernetes did not find by a Service's selector")
    .option(
      "--remote-cluster <name=kubeconfig...>",
      "other clusters, in order, whose endpoints are called where this one's can't take all; the name is their region",
      remoteClusters,
    )
    .option("--read-pods", "take shards and weights from labels and annotations of pods as well")
    .option("--service-imports", "call endpoints of ServiceImports (Multi-Cluster Services API) where this cluster's can't take all")
    .option("--read-nodes", "tell clients that say their node (NODE_NAME) in which zone it is");
}

/** @throws Error if an option would do nothing, or there is no Kubernetes to ask */
export async function registryOf(options: RegistryOptions, apiserver: Apiserver, logger: Logger): Promise<Registry> {
  const {
    registry,
    kubeconfig,
    namespace = [],
    ownPodsOnly = false,
    readPods = false,
    readNodes = false,
    serviceImports = false,
    remoteCluster = {},
    tokens = false,
  } = options;
  if (registry.file !== undefined) {
    if (kubeconfig !== undefined && !tokens) throw new Error("--kubeconfig: only with --registry kubernetes, or with --tokens");
    refuseIdle({
      "--namespace": namespace[0],
      "--own-pods-only": ownPodsOnly,
      "--read-pods": readPods,
      "--read-nodes": readNodes,
      "--service-imports": serviceImports,
      "--remote-cluster": Object.keys(remoteCluster)[0],
    });
    return fileRegistry(registry.file);
  }
  const client = await apiserver();
  const remotes = Object.entries(remoteCluster).map(async ([name, file]) => [name, await kubeconfigClient(file)] as const);
  const remoteClusters = Object.fromEntries(await Promise.all(remotes));
  return kubernetesRegistry({
    client,
    namespaces: namespace,
    ownPodsOnly,
    readsPods: readPods,
    readsNodes: readNodes,
    serviceImports,
    remoteClusters,
    logger,
  });
}

function refuseIdle(options: Readonly<Record<string, unknown>>): void {
  const [idle] = Object.entries(options).find(([, value]) => value) ?? [];
  if (idle !== undefined) throw new Error(`${idle}: only with --registry kubernetes`);
}

function remoteClusters(text: string, others: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name = "", file = ""] = /^([a-z0-9][a-z0-9.-]{0,62})=(.+)$/.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("expected a cluster's name and its kubeconfig, such as eu=/etc/clusters/eu.kubeconfig");
  if (Object.hasOwn(others, name)) throw new InvalidArgumentError(`cluster ${name} is named twice`);
  return { ...others, [name]: file };
}

function choice(text: string): RegistryOptions["registry"] {
  if (text === "kubernetes") return {};
  if (!/^file:./.test(text)) throw new InvalidArgumentError("expected kubernetes, or file:PATH, such as file:services.yaml");
  return { file: text.slice("file:".length) };
}

function namespaces(text: string, others: readonly string[] = []): readonly string[] {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError("expected the name of a namespace of Kubernetes");
  return [...others, text];
}
