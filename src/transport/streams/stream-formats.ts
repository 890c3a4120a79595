import type { Protocol, ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import { connectStreams } from "./connect-streams.ts";
import { grpcStreams } from "./grpc-streams.ts";
import { grpcWebStreams } from "./grpc-web-streams.ts";
import type { StreamFormat } from "./stream-format.ts";

export const streamFormats: Readonly<Record<Protocol, (options: ResolvedProtocolOptions) => StreamFormat>> = {
  connect: connectStreams,
  grpc: grpcStreams,
  "grpc-web": grpcWebStreams,
};
