import type { VirtualTime } from "../engine/virtual-time.ts";
import type { Pace } from "./pace.ts";
import type { Presence } from "./presence.ts";
import type { SimServer } from "./sim-server.ts";

/** How often a server that warms up becomes faster, in ms. */
const WARMING_STEP_MS = 100;

export interface ServerLifeEnv {
  readonly time: VirtualTime;
  readonly pace: Pace;
  /** Connections to the server break, or are closed. */
  readonly onConnectionsLost: (server: SimServer) => void;
}

/** A server joins, warms up, may drain, and leaves. */
export function startLife(server: SimServer, presence: Presence, { time, pace, onConnectionsLost }: ServerLifeEnv): void {
  const join = () => {
    server.state = "serving";
    warmUp(server, pace, time);
  };
  if (presence.fromMs === 0) join();
  else time.at(presence.fromMs, join);
  time.at(presence.drainsAtMs, () => {
    if (server.state === "serving") server.state = "draining";
  });
  time.at(presence.toMs, () => {
    if (server.state === "draining") server.state = "left";
    else server.crash();
    onConnectionsLost(server);
  });
}

function warmUp({ group }: SimServer, pace: Pace, time: VirtualTime): void {
  if (group.coldStart === undefined) return;
  const { factor, overMs } = group.coldStart;
  const joinedAtMs = time.nowMs;
  const warm = () => {
    const coldShare = Math.max(0, 1 - (time.nowMs - joinedAtMs) / overMs);
    pace.setColdness(1 + (factor - 1) * coldShare);
    if (coldShare > 0) time.after(Math.min(WARMING_STEP_MS, joinedAtMs + overMs - time.nowMs), warm);
  };
  warm();
}
