import type { EndpointSnapshot } from "meshless";
import { askHealth } from "./ask-health.ts";
import type { Environment } from "./environment.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { openTarget, settled, type TargetOptions, tlsOf } from "./target-options.ts";
import { span } from "./words.ts";

/** Clocks that differ by more make certificates look too old or too young. */
const toleratedMs = 5_000;

/** Whether a control plane can be reached, speaks as expected, is ready, and has the right time. */
export async function* controlPlaneFindings(
  address: string,
  options: TargetOptions,
  environment: Environment,
): AsyncGenerator<Finding, void> {
  const name = `control plane ${address}`;
  const { tls: _, ca: __, ...common } = options;
  const isTls = options.controlPlaneTls === true || options.controlPlaneCa !== undefined;
  const probe = { ...common, ...(isTls && { tls: true }), ...(options.controlPlaneCa !== undefined && { ca: options.controlPlaneCa }) };
  await using transport = openTarget(targetOf(address), probe);
  const { endpoints, sourceError } = await settled(transport, options, environment);
  const reached = endpoints.filter(({ connectivity }) => connectivity === "ready");
  if (endpoints.length === 0) {
    return yield fail(name, sourceError ?? "it has no address", "is its name right, and known to the DNS of this machine?");
  }
  if (reached[0] === undefined) {
    const problem = endpoints.map(({ lastFailure }) => lastFailure).find((failure) => failure !== undefined) ?? "no connection in time";
    return yield fail(name, problem, adviceFor(problem, isTls));
  }
  yield ok(name, `reached${endpoints.length > 1 ? `, ${reached.length} of ${endpoints.length} addresses` : ""}${isTls ? ", by TLS" : ""}`);
  yield* healthFindings(name, reached[0], isTls ? tlsOf(options.controlPlaneCa, options) : undefined, options, environment);
}

function targetOf(address: string): string {
  if (/^\w+:\/\/\//.test(address)) return address;
  return /^[\d.]+:\d+$|^\[/.test(address) ? `static:///${address}` : `dns:///${address}`;
}

function adviceFor(problem: string, isTls: boolean): string {
  if (/ECONNREFUSED|refused/.test(problem)) return "is it running, and is this the port of its --listen?";
  if (/HTTP\/1\.1|http1/i.test(problem)) return "this looks like its admin port: xDS is served where --listen says";
  if (isTls) return "does it serve TLS there, and is --control-plane-ca the authority of its certificate?";
  if (/TLS|hang up|closed|reset|first answer/i.test(problem))
    return "does it serve TLS? Then give --control-plane-ca or --control-plane-tls. Or is this another port of it?";
  return "can it be reached from here, and is this the port of its --listen?";
}

async function* healthFindings(
  name: string,
  { endpoint: { address, port } }: EndpointSnapshot,
  tls: object | undefined,
  { timeout }: TargetOptions,
  { timeOfDay }: Environment,
): AsyncGenerator<Finding, void> {
  const host = address.includes(":") ? `[${address}]` : address;
  try {
    const answer = await askHealth(`http${tls === undefined ? "" : "s"}://${host}:${port}`, tls ?? {}, timeout * 1_000);
    if (answer.isServing === true) yield ok(name, "ready, by grpc.health.v1");
    if (answer.isServing === false)
      yield warn(
        name,
        "not ready: its registry has not told all that there is, or it is about to end",
        "look at its log, or at /readyz of its --admin",
      );
    if (answer.isServing === undefined) yield ok(name, "it has no health service, so that only its answers tell");
    if (answer.timeOfDay !== undefined) yield clockFinding(answer.timeOfDay - timeOfDay());
  } catch (error) {
    yield warn(
      name,
      `it does not answer grpc.health.v1: ${(error as Error).message}`,
      "is it a server of gRPC, and is this the port of its --listen?",
    );
  }
}

/** @param aheadMs the clock of the control plane, of ours */
function clockFinding(aheadMs: number): Finding {
  const found = `the control plane's is ${span(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} ours`;
  if (Math.abs(aheadMs) <= toleratedMs) return ok("clock", "agrees with the control plane's");
  return fail("clock", found, "set both by NTP: certificates and tokens are judged by it");
}
