import type { GroupResult, RunResult, ServerResult } from "../result.ts";
import type { CallLog } from "./call-log.ts";
import type { FleetMeter } from "./fleet-meter.ts";
import { cumulativeShares, latencyQuantiles, quantile } from "./quantiles.ts";
import type { Recorder } from "./recorder.ts";
import { spreadOf } from "./spread.ts";
import type { Tally } from "./tally.ts";
import { timelineOf } from "./timeline.ts";

/** A server, as the results name it. */
export interface ServerFacts {
  readonly id: string;
  readonly group: string;
  readonly zone: string | undefined;
  readonly weight: number;
  readonly presence: { readonly fromMs: number; readonly toMs: number };
}

export interface RunFacts {
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly servers: readonly ServerFacts[];
  readonly windowLabels: readonly string[];
  readonly recorder: Recorder;
  readonly meter: FleetMeter;
}

export type Measured = Omit<RunResult, "scenario" | "contender" | "seed" | "wallMs" | "events">;

/** Every figure of a run. */
export function summarize(facts: RunFacts): Measured {
  const { warmUpMs, durationMs, servers, recorder, meter } = facts;
  const { calls, overall } = recorder;
  const sorted = calls.latencyMs.slice().sort();
  const perServer = servers.map((server, i) => serverResult(server, i, recorder.overall, meter));
  const lasting = perServer.filter((_, i) => wasThere(servers[i] as ServerFacts, warmUpMs, durationMs));
  const load = spreadOf(...callsAndWeights(facts, overall, durationMs));
  const perCall = (count: number) => (calls.size === 0 ? 0 : count / calls.size);
  return {
    calls: calls.size,
    errorShare: perCall(calls.failed.reduce((sum, failed) => sum + failed, 0)),
    latencyMs: latencyQuantiles(sorted),
    perServer,
    perGroup: groupResults(servers, calls),
    callsCv: load.cv,
    callsMaxOverMean: load.maxOverMean,
    callsMinOverMean: load.minOverMean,
    utilization: spreadOf(lasting.map((server) => server.utilization)),
    inFlightP99: meter.inFlightQuantile(0.99),
    crossZoneShare: overall.crossZoneShare,
    attemptsPerCall: perCall(overall.attempts),
    probesPerCall: perCall(recorder.probes),
    bouncesPerCall: perCall(overall.bounces),
    timeline: timelineOf(calls, warmUpMs, durationMs),
    windows: recorder.windows.map((tally, i) => windowResult(tally, facts.windowLabels[i] as string, facts)),
    cdf: cumulativeShares(sorted),
  };
}

function serverResult({ id, group, zone, weight }: ServerFacts, i: number, tally: Tally, meter: FleetMeter): ServerResult {
  return { id, group, zone, weight, calls: tally.taken[i] as number, errors: tally.errors[i] as number, utilization: meter.utilization(i) };
}

function groupResults(servers: readonly ServerFacts[], calls: CallLog): readonly GroupResult[] {
  const { server } = calls;
  return [...new Set(servers.map(({ group }) => group))].map((group) => {
    const own = latenciesOf(calls, (call) => servers[server[call] as number]?.group === group);
    return { group, calls: own.length, p99Ms: quantile(own, 0.99) };
  });
}

function windowResult(tally: Tally, label: string, facts: RunFacts): RunResult["windows"][number] {
  const { recorder, durationMs } = facts;
  const { arrivedAtMs, failed, size } = recorder.calls;
  const isCovered = (call: number) => tally.covers(arrivedAtMs[call] as number);
  const sorted = latenciesOf(recorder.calls, isCovered);
  let failures = 0;
  for (let call = 0; call < size; call += 1) if (isCovered(call)) failures += failed[call] as number;
  return {
    label,
    calls: sorted.length,
    errorShare: sorted.length === 0 ? 0 : failures / sorted.length,
    latencyMs: latencyQuantiles(sorted),
    callsMaxOverMean: spreadOf(...callsAndWeights(facts, tally, Math.min(tally.toMs, durationMs))).maxOverMean,
    crossZoneShare: tally.crossZoneShare,
  };
}

/** Of the calls that are wanted, sorted. */
function latenciesOf({ latencyMs, size }: CallLog, isWanted: (call: number) => boolean): Float64Array {
  const wanted = new Float64Array(size);
  let count = 0;
  for (let call = 0; call < size; call += 1) if (isWanted(call)) wanted[count++] = latencyMs[call] as number;
  return wanted.subarray(0, count).sort();
}

/** Of the servers that were there all the time, in the order of the fleet. */
function callsAndWeights({ servers }: RunFacts, { fromMs, taken }: Tally, toMs: number): [readonly number[], readonly number[]] {
  const lasting = servers.flatMap((server, i) => (wasThere(server, fromMs, toMs) ? [{ ...server, calls: taken[i] as number }] : []));
  return [lasting.map(({ calls }) => calls), lasting.map(({ weight }) => weight)];
}

/** All the time: one that came or went had fewer calls for that reason alone. */
function wasThere({ presence }: ServerFacts, fromMs: number, toMs: number): boolean {
  return presence.fromMs <= fromMs && presence.toMs >= toMs;
}
