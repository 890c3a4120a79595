import type { ServiceConfig } from "../../service-config.ts";
import type { Lookup, Resolution } from "./resolution.ts";
import { waiting } from "./resolution.ts";
import { endpointsKind } from "./xds-kinds.ts";

const maxFactor = 10;

/** Endpoints by the target's name: one round trip, where the control plane names them so. */
export function resolveEndpoints(lookup: Lookup, name: string): Resolution {
  const known = lookup(endpointsKind, name);
  if (known.kind === "missing") return known;
  if (known.kind === "waiting") return waiting;
  const { endpoints, overprovisioningFactor, config } = known.value;
  return { kind: "resolved", endpoints, config: { ...overprovisioning(overprovisioningFactor), ...config } };
}

/** Envoy has no upper limit for it: beyond ours, a tenth of a priority suffices for all calls. */
export function overprovisioning(factor: number | undefined): ServiceConfig {
  return factor === undefined ? {} : { overprovisioningFactor: Math.min(factor, maxFactor) };
}
