import { unwatchFile, watchFile } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, experimental } from "@grpc/grpc-js";
import { EchoRequestSchema, EchoResponseSchema, EchoService } from "../test/gen/meshless/testing/v1/echo_pb.ts";
import type { Echo } from "./echo.ts";
import { readEndpoints } from "./endpoints-file.ts";

const SCHEME = "listed";
const LOOK_EVERY_MS = 100;

/**
 * Follows the endpoints file, so that grpc-js learns of changes as soon as everybody else. Its own `dns:` looks again when a connection fails,
 * and at most every 30 s.
 */
class FileResolver implements experimental.Resolver {
  readonly #file: string;
  readonly #look: () => void;
  #hasLooked = false;

  constructor({ path }: experimental.GrpcUri, listener: experimental.ResolverListener) {
    this.#file = path;
    this.#look = () => {
      const endpoints = readEndpoints(path).map(({ address, port }) => ({ addresses: [{ host: address, port }] }));
      listener(experimental.statusOrFromValue(endpoints), {}, null, "");
    };
    watchFile(path, { interval: LOOK_EVERY_MS }, this.#look);
  }

  updateResolution(): void {
    // Asked again for each connection that fails: an answer each time would be a loop, and the file is watched anyway.
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    process.nextTick(this.#look);
  }

  destroy(): void {
    unwatchFile(this.#file, this.#look);
  }

  static getDefaultAuthority(): string {
    return "echo.demo";
  }
}

/** A client of grpc-js, with its policy `round_robin`. */
export function grpcJs(endpointsFile: string): Echo {
  experimental.registerResolver(SCHEME, FileResolver);
  const client = new Client(`${SCHEME}:${endpointsFile}`, credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  });
  const request = create(EchoRequestSchema, { text: "hello" });
  const serialize = (message: typeof request) => Buffer.from(toBinary(EchoRequestSchema, message));
  const deserialize = (bytes: Buffer) => fromBinary(EchoResponseSchema, bytes);
  return (timeoutMs) =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + timeoutMs };
      client.makeUnaryRequest(`/${EchoService.typeName}/Echo`, serialize, deserialize, request, options, (error, response) =>
        response ? resolve(response.server?.name ?? "unknown") : reject(error),
      );
    });
}
