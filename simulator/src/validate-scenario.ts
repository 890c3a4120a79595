import { retryPolicy } from "meshless/balancer";
import type { Fault, Scenario } from "./scenario.ts";
import { both, type Check, demand, either, fields, flag, kinds, listOf, number, oneOf, text } from "./validation/checks.ts";

const timeMs = number({ atLeast: 0 });
const lengthMs = number({ above: 0 });
const positive = number({ above: 0 });
const share = number({ atLeast: 0, atMost: 1 });
const count = number({ atLeast: 1, whole: true });

// A function, as a mixture is made of distributions.
const distribution: Check = (value, path) =>
  kinds({
    constant: fields({ kind: text, value: positive }),
    exponential: fields({ kind: text, mean: positive }),
    normal: fields({ kind: text, mean: positive, deviation: number({ atLeast: 0 }) }),
    lognormal: fields({ kind: text, mean: positive, scv: number({ atLeast: 0 }) }),
    mixture: fields({ kind: text, parts: listOf(fields({ share: positive, of: distribution }), 1) }),
  })(value, path);

const during = { toMs: timeMs, servers: count };
const fault = both(
  kinds({
    errors: fields({ kind: text, fromMs: timeMs, share }, { ...during, afterMs: timeMs }),
    refuses: fields({ kind: text, fromMs: timeMs, share }, { ...during, afterMs: timeMs }),
    hang: fields({ kind: text, fromMs: timeMs }, during),
    pauses: fields({ kind: text, fromMs: timeMs, pauseMs: lengthMs, everyMs: lengthMs }, during),
    slow: fields({ kind: text, fromMs: timeMs, factor: positive }, during),
    down: fields({ kind: text, fromMs: timeMs }, during),
  }),
  (value, path) => {
    const it = value as Fault;
    demand(it.toMs === undefined || it.toMs > it.fromMs, `${path}.toMs`, it.toMs, `give a time after fromMs, ${it.fromMs}`);
    if (it.kind === "pauses") demand(it.everyMs > it.pauseMs, `${path}.everyMs`, it.everyMs, `give more than pauseMs, ${it.pauseMs}`);
  },
);

const lie = fields(
  {},
  {
    inFlight: number({ atLeast: 0 }),
    utilization: number({ atLeast: 0 }),
    requestsPerSecond: number({ atLeast: 0 }),
    latencyMs: number({ atLeast: 0 }),
    draining: flag,
  },
);

const serverGroup = both(
  fields(
    { name: text, count, cores: positive },
    {
      zone: text,
      priority: number({ atLeast: 0, whole: true }),
      weight: positive,
      discipline: oneOf("processorSharing", "fifo"),
      slowdown: positive,
      antagonist: fields(
        { median: positive, sigma: number({ atLeast: 0 }), floor: positive },
        { everyMs: lengthMs, correlationMs: lengthMs },
      ),
      coldStart: fields({ factor: positive, overMs: lengthMs }),
      warmedByUse: fields({ addedMs: positive, halfAfterCalls: positive }, { forgetsMs: lengthMs }),
      joins: fields({ atMs: timeMs }, { everyMs: timeMs }),
      leaves: fields({ atMs: timeMs }, { everyMs: timeMs, drainMs: timeMs, staysListedMs: timeMs }),
      faults: listOf(fault),
      reports: either((value) => value === false, flag, fields({}, { delayMs: timeMs, shareMs: timeMs, loss: share, lie })),
      bounceLimit: positive,
    },
  ),
  (value, path) => {
    const group = value as Scenario["servers"][number];
    const { cores, joins, leaves, faults = [] } = group;
    if (group.discipline === "fifo")
      demand(Number.isInteger(cores), `${path}.cores`, cores, "give a whole number, or choose processorSharing");
    const joinsAtMs = joins?.atMs ?? 0;
    if (leaves !== undefined)
      demand(leaves.atMs > joinsAtMs, `${path}.leaves.atMs`, leaves.atMs, `give a time after it joins, ${joinsAtMs}`);
    faults.forEach(({ servers = 1 }, i) => {
      demand(servers <= group.count, `${path}.faults[${i}].servers`, servers, `give at most the group's count, ${group.count}`);
    });
  },
);

const rate = either(
  (value) => typeof value === "number",
  number({ atLeast: 0 }),
  both(listOf(fields({ atMs: timeMs, perSecond: number({ atLeast: 0 }) }, { ramp: flag }), 1), (value, path) => {
    (value as readonly { readonly atMs: number }[]).forEach(({ atMs }, i, steps) => {
      const before = steps[i - 1]?.atMs ?? -1;
      demand(atMs > before, `${path}[${i}].atMs`, atMs, `give a time after the step before, ${before}`);
    });
  }),
);

const retry = fields(
  {},
  {
    maxAttempts: number({ atLeast: 1, atMost: 10, whole: true }),
    codes: listOf(statusName),
    backoff: fields({}, { baseMs: timeMs, maxMs: timeMs, multiplier: positive }),
    perAttemptTimeoutMs: positive,
    budget: fields({}, { share, minPerSecond: number({ atLeast: 0, atMost: 1_000 }) }),
  },
);

/** Those that the SDK takes. */
function statusName(value: unknown, path: string): void {
  try {
    retryPolicy({ codes: [value as "unavailable"] }, "never");
  } catch {
    demand(false, path, value, "give the name of a status, such as unavailable");
  }
}

const clientGroup = fields(
  { name: text, count, rate, work: distribution },
  {
    zone: text,
    rateSigma: number({ atLeast: 0 }),
    burst: number({ atLeast: 1 }),
    ownWork: distribution,
    mistaken: fields({ share }, { afterMs: timeMs }),
    timeoutMs: lengthMs,
    idempotent: flag,
    retry,
    unbalanced: flag,
    keys: fields({ count }, { zipf: number({ atLeast: 0 }) }),
  },
);

const fromTo = both(fields({ fromMs: timeMs, toMs: timeMs }), endsAfterItBegins);
const window = both(fields({ label: text, fromMs: timeMs, toMs: timeMs }, { shaded: flag }), endsAfterItBegins);

function endsAfterItBegins(value: unknown, path: string): void {
  const { fromMs, toMs } = value as { readonly fromMs: number; readonly toMs: number };
  demand(toMs > fromMs, `${path}.toMs`, toMs, `give a time after fromMs, ${fromMs}`);
}

const scenario = fields(
  { name: text, description: text, durationMs: lengthMs, servers: listOf(serverGroup, 1), clients: listOf(clientGroup, 1) },
  {
    warmUpMs: timeMs,
    network: fields(
      {},
      {
        rttMs: timeMs,
        crossZoneRttMs: timeMs,
        jitter: share,
        noise: distribution,
        connectionWarmUp: fields({ addedMs: positive, calls: count }),
      },
    ),
    discovery: fields({}, { delayMs: timeMs, stalls: listOf(fromTo) }),
    windows: listOf(window),
  },
);

/**
 * Checks what may be no scenario at all: written by hand, perhaps in YAML.
 *
 * @throws ScenarioError that names the field and says what to do; fields that don't exist are errors, too
 */
export function validateScenario(input: unknown): Scenario {
  scenario(input, "");
  const valid = input as Scenario;
  const { warmUpMs = 0, durationMs } = valid;
  demand(warmUpMs < durationMs, "warmUpMs", warmUpMs, `give less than durationMs, ${durationMs}`);
  demandDistinctNames(valid.servers, "servers");
  demandDistinctNames(valid.clients, "clients");
  return valid;
}

function demandDistinctNames(groups: readonly { readonly name: string }[], path: string): void {
  groups.forEach(({ name }, i) => {
    const first = groups.findIndex((group) => group.name === name);
    demand(first === i, `${path}[${i}].name`, name, `give a name that ${path}[${first}] does not have`);
  });
}
