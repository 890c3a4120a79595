import { Health } from "../gen/grpc/health/v1/health_pb.ts";
import { isReportStream } from "./orca-service.ts";

/** Whoever asks how the server is does not load it, and is not to be turned away for load. */
export function isNoCall(service: { readonly typeName: string }): boolean {
  return service.typeName === Health.typeName || isReportStream(service);
}
