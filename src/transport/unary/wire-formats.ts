import type { Protocol, ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { connectFormat } from "./connect-format.ts";
import { grpcFormat } from "./grpc-format.ts";
import { grpcWebFormat } from "./grpc-web-format.ts";
import type { WireFormat } from "./wire-format.ts";

export const wireFormats: Readonly<Record<Protocol, (options: ResolvedProtocolOptions) => WireFormat>> = {
  connect: connectFormat,
  grpc: grpcFormat,
  "grpc-web": grpcWebFormat,
};
