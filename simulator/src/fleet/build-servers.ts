import type { RandomStreams } from "../engine/random-streams.ts";
import type { VirtualTime } from "../engine/virtual-time.ts";
import type { ServerGroup } from "../scenario.ts";
import { startAntagonist } from "./antagonist.ts";
import { startFault } from "./faults.ts";
import { Pace } from "./pace.ts";
import { type Presence, presenceOf } from "./presence.ts";
import { startLife } from "./server-life.ts";
import { SimServer } from "./sim-server.ts";

export interface FleetServer {
  readonly server: SimServer;
  readonly presence: Presence;
}

export interface ServersEnv {
  readonly time: VirtualTime;
  readonly streams: RandomStreams;
  /** Connections to the server break, or are closed. */
  readonly onConnectionsLost: (server: SimServer) => void;
}

/** The servers of a scenario, in its order, with all that will happen to them. */
export function buildServers(groups: readonly ServerGroup[], env: ServersEnv): readonly FleetServer[] {
  const servers: FleetServer[] = [];
  for (const group of groups) {
    for (let number = 0; number < group.count; number += 1) {
      const server = new SimServer(`${group.name}-${number}`, servers.length, group, env.time);
      const presence = presenceOf(group, number);
      servers.push({ server, presence });
      begin(server, presence, number, env);
    }
  }
  return servers;
}

function begin(server: SimServer, presence: Presence, number: number, { time, streams, onConnectionsLost }: ServersEnv): void {
  const { antagonist, faults = [] } = server.group;
  const pace = new Pace(server);
  const own = streams.below("servers", server.id);
  if (antagonist !== undefined) startAntagonist(antagonist, pace, time, own.of("antagonist"));
  startLife(server, presence, { time, pace, onConnectionsLost });
  faults.forEach((fault, i) => {
    if (number >= (fault.servers ?? Infinity)) return;
    startFault(fault, server, { time, pace, presence, random: own.of("faults", i), onConnectionsLost });
  });
}
