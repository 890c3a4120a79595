import { ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { createBalancedTransport, createClient } from "../../src/index.ts";
import { EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { startRawHttp2Server } from "../support/raw-http2-server.ts";
import { use } from "../support/use.ts";
import { fuzz } from "./fuzz.ts";

/** A connection costs a thousand times what a parser does. */
const SHARE = 1 / 100;

describe.each(["connect", "grpc", "grpc-web"] as const)("a client over %s", (protocol) => {
  it("survives whatever a server answers: each call settles, and nothing is left in flight", async () => {
    let answer: Buffer = Buffer.alloc(0);
    const server = use(await startRawHttp2Server({ onRequestEnd: ({ connection }) => answerAndEnd(connection) }));
    function answerAndEnd(connection: { sendBytes(bytes: Uint8Array): void; end(): void }): void {
      connection.sendBytes(answer);
      connection.end();
    }
    await fuzz(
      `answer-${protocol}`,
      async (input) => {
        answer = input;
        const transport = createBalancedTransport(`static:///${server.address}`, { protocol, readMaxBytes: 1_000_000 });
        const call = createClient(EchoService, transport).update({}, { timeoutMs: 5_000 });
        const error = await call.then(
          () => undefined,
          (error) => error,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(ConnectError);
        await transport.close({ graceMs: 5_000 });
        expect(transport.inspect().endpoints.map(({ inFlight }) => inFlight)).toEqual([0]);
      },
      SHARE,
    );
  }, 60_000);
});
