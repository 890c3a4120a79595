import { type DescMethodUnary, toBinary } from "@bufbuild/protobuf";
import type { UnaryResponse } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { EagerBytes } from "../../src/transport/calls/eager-bytes.ts";
import { type Protocol, resolveProtocolOptions } from "../../src/transport/connect/protocol-options.ts";
import { readingByConnect } from "../../src/transport/unary/connect-reading.ts";
import { MethodPlans } from "../../src/transport/unary/method-plan.ts";
import { ResponseReader } from "../../src/transport/unary/response-reader.ts";
import type { WireFormat } from "../../src/transport/unary/wire-format.ts";
import { wireFormats } from "../../src/transport/unary/wire-formats.ts";
import { EchoResponseSchema, EchoService } from "../gen/meshless/testing/v1/echo_pb.ts";
import { readScript, type Script, unaryTypes } from "./answer-script.ts";
import { fuzz } from "./fuzz.ts";
import { playAttempt, shownError } from "./scripted-attempt.ts";

const protocolOptions = resolveProtocolOptions({ readMaxBytes: 200 });

/** What the caller is given, and what the balancer is told. */
interface Result {
  readonly answer?: unknown;
  readonly error?: unknown;
  readonly outcome: unknown;
}

/** Answers one attempt by a script. */
function play(script: Script, protocol: Protocol, format: WireFormat): Promise<Result> {
  const plan = new MethodPlans<DescMethodUnary>({ format, protocolOptions, origin: "http://a", pathPrefix: "" }).of(
    EchoService.method.echo,
  );
  const reading = { format, readMaxBytes: protocolOptions.readMaxBytes, readByConnect: readingByConnect(protocol, protocolOptions) };
  return playAttempt(script, false, (attempt) => {
    const stream = attempt.open([], false, EagerBytes);
    const { answer } = new ResponseReader(stream, plan, reading);
    stream.end(new Uint8Array());
    return answer.then(
      (response) => ({ answer: shown(response), outcome: attempt.finish(undefined) }),
      (error) => ({ error: shownError(error), outcome: attempt.finish(error) }),
    );
  });
}

function shown({ message, header, trailer }: UnaryResponse) {
  return {
    message: Buffer.from(toBinary(EchoResponseSchema, message as never)).toString("hex"),
    header: [...header],
    trailer: [...trailer],
  };
}

describe.each(["connect", "grpc", "grpc-web"] as const)("whatever a server answers to a unary call over %s", (protocol) => {
  it("the caller is given, and the balancer told, what Connect's own code makes of it", { timeout: 300_000 }, async () => {
    const format = wireFormats[protocol](protocolOptions);
    const byConnect = { ...format, isUsual: () => false };
    let usual = 0;
    const counting: WireFormat = {
      ...format,
      read(response) {
        const message = format.read(response);
        if (message !== undefined) usual++;
        return message;
      },
    };
    await fuzz(
      `unary-${protocol}`,
      async (input) => {
        const script = readScript(input, unaryTypes);
        expect(await play(script, protocol, counting)).toEqual(await play(script, protocol, byConnect));
      },
      0.05,
    );
    expect(usual).toBeGreaterThan(0);
  });
});
