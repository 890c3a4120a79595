import type { Command } from "commander";
import { kubernetesReviewer } from "../access/kubernetes-reviewer.ts";
import type { ControlPlaneOptions } from "../control-plane-options.ts";
import type { Apiserver } from "./registry-options.ts";

/** Who may come in, and have what. */
export interface AccessOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly allowList?: string;
  readonly tokens?: boolean;
  readonly tokenAudience?: string;
  readonly plaintextTokens?: boolean;
  readonly closed?: boolean;
  readonly trustDomain?: string;
}

export function addAccessOptions(command: Command): Command {
  return command
    .option("--tls-cert <path>", "PEM of the certificate, with its chain, for TLS on that port; read again when it changes")
    .option("--tls-key <path>", "PEM of its key")
    .option("--client-ca <path>", "PEM of the authorities whose certificates clients have to show")
    .option(
      "--tokens",
      "clients have to show a ServiceAccount's token, or a certificate; the apiserver of --kubeconfig checks tokens. Needs TLS",
    )
    .option("--token-audience <name>", "whom tokens have to be meant for. Default: meshless-control-plane")
    .option("--plaintext-tokens", "take tokens without TLS, where something else encrypts")
    .option("--closed", "clients have the services of their own namespace, and those that name them; needs --tokens or --trust-domain")
    .option(
      "--trust-domain <name>",
      "of SPIFFE IDs that are ServiceAccounts of this cluster, in certificates; with --closed and --client-ca",
    )
    .option("--allow-list <path>", "YAML or JSON that says which clients may have which services; needs --client-ca or --tokens");
}

/** @throws Error that says which option needs which other one */
export async function accessOf(
  options: AccessOptions,
  apiserver: Apiserver,
): Promise<Pick<ControlPlaneOptions, "tls" | "allowList" | "tokens" | "closed">> {
  assertWhole(options);
  const { tlsCert, tlsKey, clientCa, allowList, tokens, tokenAudience, plaintextTokens = false, closed, trustDomain } = options;
  const audience = tokenAudience !== undefined && { audience: tokenAudience };
  return {
    ...(tlsCert !== undefined && tlsKey !== undefined && { tls: { cert: tlsCert, key: tlsKey, clientCa } }),
    ...(allowList !== undefined && { allowList }),
    ...(tokens && { tokens: { reviewer: kubernetesReviewer(await apiserver()), allowPlaintext: plaintextTokens, ...audience } }),
    ...(closed && { closed: trustDomain === undefined ? true : { trustDomain } }),
  };
}

function assertWhole(options: AccessOptions): void {
  const { tlsCert, tlsKey, clientCa, allowList, tokens, tokenAudience, plaintextTokens, closed, trustDomain } = options;
  const isCertified = clientCa !== undefined;
  const hasTls = [tlsCert, tlsKey, clientCa].some((path) => path !== undefined);
  const isHalf = hasTls && (tlsCert === undefined || tlsKey === undefined);
  const problems: readonly (readonly [isWrong: boolean | undefined, problem: string])[] = [
    [
      allowList !== undefined && !isCertified && !tokens,
      "--allow-list needs --client-ca or --tokens: otherwise nobody knows who a client is",
    ],
    [isHalf, "TLS needs both --tls-cert and --tls-key"],
    [tokens && !hasTls && !plaintextTokens, "--tokens needs TLS, or --plaintext-tokens: whoever reads along could use them"],
    [tokenAudience !== undefined && !tokens, "--token-audience: only with --tokens"],
    [plaintextTokens && !tokens, "--plaintext-tokens: only with --tokens"],
    [trustDomain !== undefined && !(closed && isCertified), "--trust-domain: only with --closed and --client-ca"],
    [
      closed && !tokens && trustDomain === undefined,
      "--closed needs --tokens, or --client-ca and --trust-domain: otherwise nobody knows who a client is",
    ],
  ];
  const [found] = problems.filter(([isWrong]) => isWrong);
  if (found !== undefined) throw new Error(found[1]);
}
