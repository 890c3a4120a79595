import type { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";

/** How OpenTelemetry calls the protocol: gRPC-Web is gRPC in other clothes. */
export type RpcSystem = "connectrpc" | "grpc";

/** As gRPC names a status, and its metrics count it: `OK`, `NOT_FOUND`. */
export function grpcStatus(code: number): string {
  if (code === 0) return "OK";
  const name = codeToString(code as Code).toUpperCase();
  return name === "CANCELED" ? "CANCELLED" : name;
}

/** `rpc.status_code`, as the system names it. Connect has no name for success. */
export function rpcStatus(system: RpcSystem, code: number): string | undefined {
  if (system === "grpc") return grpcStatus(code);
  return code === 0 ? undefined : codeToString(code as Code);
}
