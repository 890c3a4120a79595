import { addLatencies, type Latencies } from "./latencies.ts";

/** What became of the calls of one client, or of several, since the run began. */
export interface Tally {
  /** Calls that failed, by the name of the error's code. */
  failures: Record<string, number>;
  /** Of the answered calls, by the name of the server that answered. */
  servers: Record<string, Latencies>;
  /** How late calls were made, because the client had no CPU when they were due. */
  lateness: Latencies;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = { failures: {}, servers: {}, lateness: addLatencies(tallies.map(({ lateness }) => lateness)) };
  for (const { failures, servers } of tallies) {
    for (const [code, count] of Object.entries(failures)) sum.failures[code] = (sum.failures[code] ?? 0) + count;
    for (const [name, latencies] of Object.entries(servers)) sum.servers[name] = addLatencies([sum.servers[name] ?? [], latencies]);
  }
  return sum;
}
