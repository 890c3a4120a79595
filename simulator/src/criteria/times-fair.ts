import type { RunResult } from "../result.ts";

/** Calls of a group's servers relative to those of the mean server. */
export function timesFair({ perServer }: RunResult, group: string): number {
  const own = perServer.filter((server) => server.group === group);
  const calls = (servers: RunResult["perServer"]) => servers.reduce((sum, server) => sum + server.calls, 0);
  return calls(own) / own.length / (calls(perServer) / perServer.length);
}
