import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fromBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { findPeer } from "../../scripts/peers.ts";
import { EchoResponseSchema } from "../gen/meshless/testing/v1/echo_pb.ts";

/** Whether the core of gRPC is installed: `npm run peers` does that. */
export const hasGrpcio: boolean = findPeer("grpcio") !== undefined;

/** Paths of PEM files, by the names that gRPC's bootstrap has for them. */
export interface GrpcTlsFiles {
  readonly ca_certificate_file: string;
  readonly certificate_file?: string;
  readonly private_key_file?: string;
}

/**
 * A client of gRPC's core, in a process of its own, that starts from a listener.
 *
 * @param tls to the control plane; default: without
 * @param tokenFile of a token that is shown there; default: none
 */
export async function startGrpcio(
  controlPlanePort: number,
  service: string,
  tls?: GrpcTlsFiles,
  tokenFile?: string,
): Promise<() => Promise<string>> {
  const channel = tls === undefined ? { type: "insecure" } : { type: "tls", config: tls };
  const callCredentials = tokenFile === undefined ? [] : [{ type: "jwt_token_file", config: { jwt_token_file: tokenFile } }];
  const server = {
    server_uri: `127.0.0.1:${controlPlanePort}`,
    channel_creds: [channel],
    call_creds: callCredentials,
    server_features: ["xds_v3"],
  };
  const bootstrap = {
    xds_servers: [server],
    node: { id: "core", locality: { region: "r", zone: "a" } },
  };
  const client = spawn("python3", [join(import.meta.dirname, "grpcio-client.py"), `xds:///${service}`], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      PYTHONPATH: findPeer("grpcio"),
      GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap),
      GRPC_EXPERIMENTAL_XDS_BOOTSTRAP_CALL_CREDS: "true",
    },
  });
  onTestFinished(() => {
    client.kill("SIGKILL");
  });
  const waiting = new Map<string, (answer: string) => void>();
  createInterface({ input: client.stdout }).on("line", (line) => {
    const space = line.indexOf(" ");
    waiting.get(line.slice(0, space))?.(line.slice(space + 1));
    waiting.delete(line.slice(0, space));
  });
  client.once("exit", (code, signal) => {
    for (const answer of waiting.values()) answer(`error: the client has ended, ${signal ?? code}`);
  });
  let calls = 0;
  const call = async (kind: string) => {
    const id = `${kind}${++calls}`;
    const answer = await new Promise<string>((resolve) => {
      waiting.set(id, resolve);
      client.stdin.write(`${id}\n`);
    });
    if (answer.startsWith("error")) throw new Error(answer);
    return fromBinary(EchoResponseSchema, Buffer.from(answer, "hex")).server?.name ?? "nobody";
  };
  await call("first");
  return () => call("call");
}
