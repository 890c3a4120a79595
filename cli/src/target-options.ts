import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import {
  type BalancedTransport,
  type BalancedTransportOptions,
  ConfigurationError,
  createBalancedTransport,
  type TlsOptions,
  type TransportSnapshot,
} from "meshless";
import { CommandFailure, type Environment, exitCodes } from "./environment.ts";

/** How a target is resolved and reached. */
export interface TargetOptions {
  readonly controlPlane?: string;
  readonly controlPlaneTls?: boolean;
  readonly controlPlaneCa?: string;
  readonly tokenFile?: string;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly authority?: string;
  readonly zone?: string;
  readonly allowAddresses?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

export function addTargetOptions(command: Command): Command {
  return command
    .option("--control-plane <address>", "which control plane xds: targets ask (default: $MESHLESS_CONTROL_PLANE, or gRPC's bootstrap)")
    .option("--control-plane-tls", "by TLS, with the authorities of the system")
    .option("--control-plane-ca <path>", "by TLS, with the authorities of this PEM file")
    .option("--token-file <path>", "the token to show to the control plane, by TLS (default: the one that is mounted into a pod)")
    .option("--tls", "servers are reached by TLS, with the authorities of the system")
    .option("--ca <path>", "servers are reached by TLS, with the authorities of this PEM file")
    .option("--cert <path>", "PEM of the certificate to show to servers and control plane")
    .option("--key <path>", "PEM of its key")
    .option("--authority <name>", "the name that servers go by, which certificates are checked against")
    .option("--zone <zone>", "the zone to ask from (default: $MESHLESS_ZONE)")
    .option("--allow-addresses <ranges>", "addresses that are refused as endpoints of xds: targets otherwise, such as 127.0.0.0/8")
    .option("--timeout <seconds>", "how long to wait for endpoints and sessions", seconds, 5)
    .option("--json", "print data, and no text");
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3_600)) throw new InvalidArgumentError("expected seconds, up to 3600");
  return value;
}

/** @throws CommandFailure for options that can't be */
export function openTarget(target: string, options: TargetOptions, more: BalancedTransportOptions = {}): BalancedTransport {
  const { zone, authority, allowAddresses } = options;
  try {
    return createBalancedTransport(target, {
      ...(zone !== undefined && { zone }),
      ...(authority !== undefined && { authority }),
      ...((options.tls || options.ca !== undefined) && { tls: tlsOf(options.ca, options) }),
      discovery: {
        xds: {
          ...(options.controlPlane !== undefined && { controlPlane: options.controlPlane }),
          ...((options.controlPlaneTls || options.controlPlaneCa !== undefined) && { tls: tlsOf(options.controlPlaneCa, options) }),
          ...(options.tokenFile !== undefined && { tokenFile: options.tokenFile }),
          ...(allowAddresses !== undefined && { allowAddresses: allowAddresses.split(",") }),
        },
      },
      logger: silent,
      endpointsTimeoutMs: options.timeout * 1_000,
      ...more,
    });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandFailure(exitCodes.misused, error.message);
    throw error;
  }
}

/** What it says, the command says itself. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

export function tlsOf(ca: string | undefined, { cert, key }: TargetOptions): TlsOptions {
  return {
    ...(ca !== undefined && { ca: read(ca) }),
    ...(cert !== undefined && { cert: read(cert) }),
    ...(key !== undefined && { key: read(key) }),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandFailure(exitCodes.misused, `${path}: ${(error as Error).message}`);
  }
}

const lookEveryMs = 25;

/** Waits until endpoints are known and each is reached or not, as long as the options allow. */
export async function settled(
  transport: BalancedTransport,
  { timeout }: TargetOptions,
  { signal }: Environment,
): Promise<TransportSnapshot> {
  return watchUntil(transport, timeout * 1_000, signal, ({ state, endpoints, sourceError }) => {
    if (state === "waiting") return sourceError !== undefined;
    return endpoints.every(
      ({ connectivity, lastFailure }) => connectivity === "ready" || connectivity === "unreachable" || lastFailure !== undefined,
    );
  });
}

/** Waits until something shows in `inspect()`, so long at most. */
export async function watchUntil(
  transport: BalancedTransport,
  patienceMs: number,
  signal: AbortSignal,
  isThere: (snapshot: TransportSnapshot) => boolean,
): Promise<TransportSnapshot> {
  const endsAtMs = performance.now() + patienceMs;
  for (;;) {
    const snapshot = transport.inspect();
    if (isThere(snapshot) || performance.now() > endsAtMs || signal.aborted) return snapshot;
    await delay(lookEveryMs);
  }
}

/** @throws CommandFailure unless endpoints are known */
export function assertKnown({ target, state, endpoints, sourceError }: TransportSnapshot): void {
  if (state === "noSuchService") throw new CommandFailure(exitCodes.wrong, `there is no such service as ${target}: its source says so`);
  if (state === "waiting")
    throw new CommandFailure(exitCodes.silent, `no endpoints of ${target}: ${sourceError ?? "its source has not answered in time"}`);
  if (endpoints.length === 0) throw new CommandFailure(exitCodes.wrong, `${target} has no endpoints just now`);
}
