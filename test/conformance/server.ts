import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { createHealthReporter, guarded } from "../../src/server-hooks/index.ts";
import { readFrames, toFrame } from "./frames.ts";
import type { ServerCompatRequest, ServerCompatResponse } from "./messages.ts";
import { conformanceService, registry, schemaOf } from "./protos.ts";
import { conformanceImplementation } from "./service.ts";

// The server under test, with all of our hooks: reads from stdin what to be, tells on stdout where it is, serves until SIGTERM.

const requestSchema = schemaOf<ServerCompatRequest>("connectrpc.conformance.v1.ServerCompatRequest");
const responseSchema = schemaOf<ServerCompatResponse>("connectrpc.conformance.v1.ServerCompatResponse");

const host = "127.0.0.1";

const { value: frame } = await readFrames(process.stdin).next();
if (frame === undefined) throw new Error("stdin ended before it said which server to be");
const request = fromBinary(requestSchema, frame);

const server = createServer(request);
server.listen(0, host);
await once(server, "listening");
const { port } = server.address() as AddressInfo;
const response = create(responseSchema, { host, port, pemCert: request.serverCreds?.cert ?? new Uint8Array() });
process.stdout.write(toFrame(toBinary(responseSchema, response)));

function createServer({ serverCreds, clientTlsCert, messageReceiveLimit }: ServerCompatRequest) {
  const health = createHealthReporter();
  const handler = guarded(
    connectNodeAdapter({
      routes: (router) => router.service(conformanceService, conformanceImplementation),
      interceptors: [health.interceptor],
      requestGate: health.requestGate,
      jsonOptions: { registry },
      readMaxBytes: messageReceiveLimit,
    }),
  );
  if (serverCreds === undefined) return http2.createServer(handler);
  const clientTls = { ca: Buffer.from(clientTlsCert), requestCert: true, rejectUnauthorized: true };
  return http2.createSecureServer(
    { cert: Buffer.from(serverCreds.cert), key: Buffer.from(serverCreds.key), ...(clientTlsCert.length > 0 && clientTls) },
    handler,
  );
}
