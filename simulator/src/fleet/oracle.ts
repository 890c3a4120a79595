import type { Oracle } from "../contender.ts";
import type { SimServer } from "./sim-server.ts";

/** The truth about every server. */
export function oracleOf(serverOf: (endpointId: string) => SimServer): Oracle {
  return {
    inFlight: (endpointId) => serverOf(endpointId).inFlight + serverOf(endpointId).onTheirWay,
    capacity: (endpointId) => serverOf(endpointId).workingCores,
    slowness: (endpointId) => serverOf(endpointId).slowness,
  };
}
