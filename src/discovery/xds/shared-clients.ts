import { isDeepStrictEqual } from "node:util";
import type { XdsClient } from "./xds-client.ts";

interface Shared {
  /** Whatever makes one client unlike another. */
  readonly key: unknown;
  readonly client: XdsClient;
  users: number;
}

/** One control plane has one client in a process, and thus one stream, whatever the number of transports. */
const shared = new Set<Shared>();

/** The client of that key, made if nobody uses one. Each use is to be given back, and the client closes with the last. */
export function useXdsClient(key: unknown, make: () => XdsClient): { readonly client: XdsClient; readonly giveBack: () => void } {
  const entry = [...shared].find((other) => isDeepStrictEqual(other.key, key)) ?? { key, client: make(), users: 0 };
  entry.users++;
  shared.add(entry);
  const giveBack = () => {
    entry.users--;
    if (entry.users > 0) return;
    shared.delete(entry);
    void entry.client.close();
  };
  return { client: entry.client, giveBack };
}
