import type { Attributes } from "@opentelemetry/api";
import { grpcStatus, type RpcSystem, rpcStatusLabels } from "./status-names.ts";

/** What calls have in common beside their method. */
export interface CallLabels {
  readonly target: string;
  readonly system: RpcSystem;
  /** `server.address` and `server.port`. */
  readonly server: Attributes;
}

/** The labels of a method's calls: made once, as there are few. */
export class MethodLabels {
  readonly ofMethod: Attributes;
  readonly #byCode: { readonly grpc: Attributes; readonly rpc: Attributes }[] = [];
  readonly #rpc: Attributes;
  readonly #system: RpcSystem;

  constructor(method: string, { target, system, server }: CallLabels) {
    this.ofMethod = { "grpc.method": method, "grpc.target": target };
    this.#rpc = { "rpc.system.name": system, "rpc.method": method, ...server };
    this.#system = system;
  }

  withCode(code: number): { readonly grpc: Attributes; readonly rpc: Attributes } {
    this.#byCode[code] ??= {
      grpc: { ...this.ofMethod, "grpc.status": grpcStatus(code) },
      rpc: { ...this.#rpc, ...rpcStatusLabels(this.#system, code) },
    };
    return this.#byCode[code];
  }
}
