import type { Code } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Attributes } from "@opentelemetry/api";

/** How OpenTelemetry calls the protocol: gRPC-Web is gRPC in other clothes. */
export type RpcSystem = "connectrpc" | "grpc";

/** As gRPC names a status, and its metrics count it: `OK`, `NOT_FOUND`. */
export function grpcStatus(code: number): string {
  if (code === 0) return "OK";
  const name = codeToString(code as Code).toUpperCase();
  return name === "CANCELED" ? "CANCELLED" : name;
}

/** `rpc.status_code`, as the system names it. Connect has no name for success. */
function rpcStatus(system: RpcSystem, code: number): string | undefined {
  if (system === "grpc") return grpcStatus(code);
  return code === 0 ? undefined : codeToString(code as Code);
}

/** @param isError whether the code counts as an error */
export function rpcStatusLabels(system: RpcSystem, code: number, isError = code !== 0): Attributes {
  const status = rpcStatus(system, code);
  return { ...(status !== undefined && { "rpc.status_code": status }), ...(isError && { "error.type": status ?? "_OTHER" }) };
}
