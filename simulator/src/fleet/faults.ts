import type { RandomSource } from "meshless/balancer";
import { drawExponential } from "../engine/distributions.ts";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Fault } from "../scenario.ts";
import type { Pace } from "./pace.ts";
import type { Presence } from "./presence.ts";
import type { SimServer } from "./sim-server.ts";

export interface FaultEnv {
  readonly time: VirtualTime;
  readonly pace: Pace;
  readonly random: RandomSource;
  readonly presence: Presence;
  readonly onConnectionsLost: (server: SimServer) => void;
}

/** Lets a fault come over a server, and go. */
export function startFault(fault: Fault, server: SimServer, env: FaultEnv): void {
  const { time, pace } = env;
  const toMs = fault.toMs ?? Infinity;
  const between = (begin: () => void, end: () => void) => {
    time.at(fault.fromMs, begin);
    time.at(toMs, end);
  };
  switch (fault.kind) {
    case "errors":
      return between(
        () => server.earlyAnswers.give("failed", fault.share, fault.afterMs ?? 1),
        () => server.earlyAnswers.give("failed", 0, 0),
      );
    case "refuses":
      return between(
        () => server.earlyAnswers.give("denied", fault.share, fault.afterMs ?? 0),
        () => server.earlyAnswers.give("denied", 0, 0),
      );
    case "hang":
      return between(
        () => pace.stop(),
        () => pace.resume(),
      );
    case "slow":
      return between(
        () => pace.slow(fault.factor),
        () => pace.unslow(fault.factor),
      );
    case "pauses":
      return startPauses(fault, toMs, server, env);
    case "down":
      return startOutage(fault.fromMs, toMs, server, env);
  }
}

function startPauses(fault: Extract<Fault, { kind: "pauses" }>, toMs: number, server: SimServer, { time, pace, random }: FaultEnv): void {
  const { pauseMs, everyMs } = fault;
  // From the end of a pause to the next, so that the intervals between their beginnings are `everyMs` on average.
  const nextMs = () => drawExponential(random) * (everyMs - pauseMs);
  const pause = () => {
    if (time.nowMs >= toMs) return;
    server.deafUntilMs = time.nowMs + pauseMs;
    pace.stop();
    time.after(pauseMs, () => {
      pace.resume();
      time.after(nextMs(), pause);
    });
  };
  time.at(fault.fromMs + nextMs(), pause);
}

function startOutage(fromMs: number, toMs: number, server: SimServer, { time, presence, onConnectionsLost }: FaultEnv): void {
  time.at(fromMs, () => {
    if (!server.isListening) return;
    server.crash();
    onConnectionsLost(server);
    time.at(toMs, () => {
      if (time.nowMs < presence.toMs) server.state = time.nowMs < presence.drainsAtMs ? "serving" : "draining";
    });
  });
}
