import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient as createConnectClient } from "@connectrpc/connect";
import { createClient } from "../../src/index.ts";
import { Call } from "./call.ts";
import { readFrames, toFrame } from "./frames.ts";
import type { ClientCompatRequest, ClientCompatResponse } from "./messages.ts";
import { conformanceService, schemaOf } from "./protos.ts";
import { transportsFor } from "./transport-for.ts";

// The client under test: reads calls from stdin, makes them, and tells on stdout what became of each.

/** Calls are mostly waiting, for delays and deadlines. */
const callsAtOnce = 8;

const requestSchema = schemaOf<ClientCompatRequest>("connectrpc.conformance.v1.ClientCompatRequest");
const responseSchema = schemaOf<ClientCompatResponse>("connectrpc.conformance.v1.ClientCompatResponse");

const [, , mode = ""] = process.argv;
if (!Object.hasOwn(transportsFor, mode)) throw new Error(`the mode is ${mode}: give one of ${Object.keys(transportsFor).join(", ")}`);
const transportFor = transportsFor[mode as keyof typeof transportsFor];
// A client that exists already, and is balanced, was made by Connect's own.
const clientOf = mode === "balanced" ? createConnectClient : createClient;

const frames = readFrames(process.stdin);
await Promise.all(Array.from({ length: callsAtOnce }, workThrough));

/** All workers take from one stream. */
async function workThrough(): Promise<void> {
  for await (const frame of frames) {
    const response = create(responseSchema, await answer(fromBinary(requestSchema, frame)));
    process.stdout.write(toFrame(toBinary(responseSchema, response)));
  }
}

async function answer(request: ClientCompatRequest) {
  const { testName } = request;
  try {
    await using transport = transportFor(request);
    const value = await new Call(request).run(clientOf(conformanceService, transport));
    return { testName, result: { case: "response", value } } as const;
  } catch (error) {
    return { testName, result: { case: "error", value: { message: String(error) } } } as const;
  }
}
