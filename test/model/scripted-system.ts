import { createContextValues } from "@connectrpc/connect";
import type { Balancer, Lease } from "../../src/balancer/balancer.ts";
import { createBalancer } from "../../src/balancer/create-balancer.ts";
import { RetryBudget } from "../../src/balancer/retries/retry-budget.ts";
import { noRetry, retryPolicy } from "../../src/balancer/retries/retry-policy.ts";
import type { Attempt } from "../../src/transport/calls/attempt.ts";
import { CallLoop } from "../../src/transport/calls/call-loop.ts";
import { createModelUpstream } from "./model-upstream.ts";
import { type AttemptHooks, type CallSpec, callHeader, type System, type SystemEnv } from "./system.ts";

/** What broke is made again once, answers are not. */
const onceMore = retryPolicy({ maxAttempts: 2, codes: [] }, "always");

/** The call loop on an upstream, with attempts that only open a stream and wait for its end. */
export function createScriptedSystem(env: SystemEnv): System {
  const { network, clock, random, hooks } = env;
  const leases = new LeaseCount(createBalancer({ random, ejection: false }), (what) => network.misuses.push(what));
  const upstream = createModelUpstream(env, leases.balancer);
  const loop = new CallLoop({
    upstream,
    clock,
    random,
    shared: { budget: new RetryBudget({ share: 1, minPerSecond: 1_000 }, clock.now()), throttle: undefined },
  });
  return {
    get leases() {
      return leases.held;
    },
    async call(callId, spec, signal) {
      const { idempotent, isStream } = spec;
      const call = {
        context: { method: "model" },
        contextValues: createContextValues(),
        signal,
        deadlineAtMs: Number.POSITIVE_INFINITY,
        isStream,
        rules: {
          retry: idempotent ? onceMore : noRetry,
          hedging: undefined,
          timeoutMs: undefined,
          maxTimeoutMs: undefined,
          waitForReady: false,
        },
        waitForReady: false,
        repeatable: () => true,
      };
      const answer = await loop.run(call, (attempt) => makeAttempt(attempt, callId, spec, hooks));
      await answer.ended;
    },
    endpoints: () => upstream.inspect().endpoints,
    close: (graceMs) => upstream.close(graceMs),
  };
}

interface Answer {
  readonly ended: Promise<void>;
}

function makeAttempt(attempt: Attempt, callId: number, spec: CallSpec, hooks: AttemptHooks): Promise<Answer> {
  return Promise.race([answerOf(attempt, callId, spec, hooks), hooks.fault(callId)]);
}

/** Resolves with the whole answer of a unary call, and with the beginning of a stream. */
async function answerOf(attempt: Attempt, callId: number, spec: CallSpec, hooks: AttemptHooks): Promise<Answer> {
  await hooks.beforeOpen(callId, attempt.signal);
  if (attempt.signal.aborted) throw attempt.signal.reason;
  const answer = new ScriptedAnswer(attempt, callId, spec);
  await (spec.isStream ? answer.begun : answer.ended);
  return answer;
}

/** The least that an attempt has to see of its stream. */
class ScriptedAnswer implements Answer {
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;

  constructor(attempt: Attempt, callId: number, spec: CallSpec) {
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    this.begun = begun.promise;
    this.ended = ended.promise;
    for (const promise of [this.begun, this.ended]) promise.catch(() => {});
    const stream = attempt.open([callHeader, String(callId)], true);
    stream.readBy({
      onHeaders: () => begun.resolve(),
      onTrailers() {},
      onReadable() {
        while (stream.read() !== null) if (spec.stopsEarly && spec.isStream) stream.giveUp();
        if (stream.ended) ended.resolve();
      },
      onFailed(error) {
        if (stream.givenUp && stream.responded) ended.resolve();
        for (const promise of [begun, ended]) promise.reject(error);
      },
    });
  }
}

/** A balancer that counts the leases held, and complains of one that is settled twice. */
class LeaseCount {
  held = 0;
  readonly balancer: Balancer;

  constructor(inner: Balancer, onMisuse: (what: string) => void) {
    const count = (lease: Lease): Lease => {
      let settled = false;
      this.held++;
      return {
        endpoint: lease.endpoint,
        responded: (report, nowMs) => lease.responded(report, nowMs),
        settle: (outcome, nowMs) => {
          if (settled) onMisuse("a lease was settled twice");
          else this.held--;
          settled = true;
          lease.settle(outcome, nowMs);
        },
      };
    };
    this.balancer = {
      limits: inner.limits,
      get position() {
        return inner.position;
      },
      isFull: (context) => inner.isFull(context),
      update: (endpoints, nowMs) => inner.update(endpoints, nowMs),
      configure: (config, nowMs) => inner.configure(config, nowMs),
      acquire(context, nowMs) {
        const lease = inner.acquire(context, nowMs);
        return lease && count(lease);
      },
      observe: (endpointId, what, nowMs) => inner.observe(endpointId, what, nowMs),
      livenessOf: (endpointId, nowMs) => inner.livenessOf(endpointId, nowMs),
      inspect: (nowMs) => inner.inspect(nowMs),
      explain: (context, nowMs) => inner.explain(context, nowMs),
    };
  }
}
