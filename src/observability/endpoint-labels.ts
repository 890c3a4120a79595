import type { Attributes } from "@opentelemetry/api";
import type { Endpoint } from "../endpoint.ts";
import { hostAndPort } from "../host-and-port.ts";
import type { LabelBounds } from "./label-bounds.ts";
import type { OptionalLabel } from "./metric-catalogue.ts";

export interface LabelsWanted {
  readonly bounds: LabelBounds;
  /** Those that were asked for. */
  readonly optional: ReadonlySet<OptionalLabel>;
}

/** As gRPC writes it (gRFC A78), if it was asked for. */
export function localityLabel({ locality }: Endpoint, { bounds, optional }: LabelsWanted): Attributes {
  if (!optional.has("grpc.lb.locality")) return {};
  const text = locality === undefined ? "" : `{region="${locality.region}", zone="${locality.zone}", sub_zone=""}`;
  return { "grpc.lb.locality": bounds.of("grpc.lb.locality", text) };
}

/** Which one it is, if that was asked for. */
export function endpointLabel({ address, port }: Endpoint, { bounds, optional }: LabelsWanted): Attributes {
  return optional.has("meshless.endpoint") ? { "meshless.endpoint": bounds.of("meshless.endpoint", hostAndPort(address, port)) } : {};
}
