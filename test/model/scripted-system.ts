import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import type { Balancer, Lease } from "../../src/balancer/balancer.ts";
import { createBalancer } from "../../src/balancer/create-balancer.ts";
import type { Attempt } from "../../src/transport/calls/attempt.ts";
import { CallLoop } from "../../src/transport/calls/call-loop.ts";
import { SessionPools } from "../../src/transport/sessions/session-pools.ts";
import { Activity } from "../../src/transport/upstream/activity.ts";
import { Bell } from "../../src/transport/upstream/bell.ts";
import { EndpointFeed } from "../../src/transport/upstream/endpoint-feed.ts";
import {
  type AttemptHooks,
  type CallSpec,
  callHeader,
  endpointsTimeoutMs,
  modelSessionOptions,
  modelTarget,
  type System,
  type SystemEnv,
} from "./system.ts";

/** The call loop, the pools, the feed and the balancer, with attempts that only open a stream and wait for its end. */
export function createScriptedSystem(env: SystemEnv): System {
  const { network, clock, random, source, hooks } = env;
  const leases = new LeaseCount(createBalancer({ random, ejection: false }), (what) => network.misuses.push(what));
  const { balancer } = leases;
  const changed = new Bell();
  const activity = new Activity();
  let isClosed = false;
  const assertOpen = () => {
    if (isClosed) throw new ConnectError("closed", Code.Unavailable);
  };
  const pools = new SessionPools(
    { clock, random, dial: network.dial, options: modelSessionOptions },
    {
      onConnectivity(endpoint, connectivity) {
        balancer.observe(endpoint.id, connectivity, clock.now());
        changed.ring();
      },
      onSessionOpened() {},
      onSessionClosed() {},
      onRenewalFailed() {},
    },
  );
  const feed = new EndpointFeed({
    source,
    name: modelTarget,
    target: modelTarget,
    clock,
    endpointsTimeoutMs,
    onUpdate({ endpoints }) {
      balancer.update(endpoints, clock.now());
      pools.update(endpoints);
      changed.ring();
    },
    onError() {},
    onNotice() {},
  });
  const loop = new CallLoop({ balancer, pools, feed, clock, target: modelTarget, changed, assertOpen, activity });
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
        singleRequest: true,
        idempotent,
        repeatable: () => true,
      };
      const answer = await loop.run(call, (attempt) => makeAttempt(attempt, callId, spec, hooks));
      await answer.ended;
    },
    endpoints: () =>
      balancer.inspect(clock.now()).members.map((member) => ({
        ...member,
        sessions: (pools.get(member.endpoint.id)?.sessions ?? []).map(({ phase, streams, unreadCancels, maxStreams }) => ({
          phase,
          streams,
          unreadCancels,
          maxStreams,
        })),
      })),
    async close(graceMs) {
      isClosed = true;
      feed.close();
      changed.ring();
      const timer = clock.after(graceMs, () => pools.destroyAll("closed"));
      await activity.idle();
      timer.cancel();
      pools.retireAll("closed");
      activity.close();
    },
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
    const stream = attempt.open({ [callHeader]: callId }, true);
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
      update: (endpoints, nowMs) => inner.update(endpoints, nowMs),
      acquire(context, nowMs) {
        const lease = inner.acquire(context, nowMs);
        return lease && count(lease);
      },
      observe: (endpointId, what, nowMs) => inner.observe(endpointId, what, nowMs),
      inspect: (nowMs) => inner.inspect(nowMs),
      explain: (context, nowMs) => inner.explain(context, nowMs),
    };
  }
}
