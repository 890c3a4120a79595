import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { ResetCode } from "../sessions/reset-code.ts";
import { type Aborted, classify, pushbackMs } from "./classify.ts";
import { streamError } from "./stream-error.ts";
import { type StreamFacts, unsent } from "./stream-facts.ts";

const quiet: StreamFacts = { ...unsent, opened: true };
const wire = (code: Code) => Object.assign(new ConnectError("from the server", code), { isWireError: true });
const judge = (facts: Partial<StreamFacts>, aborted: Aborted = "no", error?: unknown, isStream = false) =>
  classify({ ...quiet, ...facts }, aborted, isStream, error);

describe("a stream that ended before a response", () => {
  test.each([
    ["reset with REFUSED_STREAM", { resetCode: ResetCode.REFUSED_STREAM }, "refused", "no"],
    ["beyond GOAWAY's last stream", { resetCode: ResetCode.REFUSED_STREAM, beyondGoaway: true }, "refused", "no"],
    [
      "beyond GOAWAY's last stream, connection gone",
      { resetCode: ResetCode.CANCEL, sessionLost: true, beyondGoaway: true },
      "refused",
      "no",
    ],
    ["dead connection", { resetCode: ResetCode.CANCEL, sessionLost: true }, "failure", "unknown"],
    ["reset with CANCEL", { resetCode: ResetCode.CANCEL }, "failure", "unknown"],
    ["reset with NO_ERROR", { resetCode: ResetCode.NO_ERROR }, "failure", "unknown"],
    ["reset with INTERNAL_ERROR", { resetCode: ResetCode.INTERNAL_ERROR }, "failure", "unknown"],
    ["asked for calm", { resetCode: ResetCode.ENHANCE_YOUR_CALM }, "overload", "unknown"],
    ["connection closed for calm", { resetCode: ResetCode.ENHANCE_YOUR_CALM, sessionLost: true }, "failure", "unknown"],
  ] as const)("%s", (_, facts, kind, processed) => {
    expect(judge(facts)).toEqual({ kind, processed });
  });

  test("never opened: nothing happened, and nobody is to blame", () => {
    expect(judge({ opened: false }, "no", new TypeError("cannot serialize"))).toEqual({ kind: "abandoned", processed: "no" });
  });
});

test("a bounce was not processed, whatever else is seen of its stream", () => {
  const verdict = { kind: "overload", processed: "no" };
  expect(judge({ responded: true, bounced: true })).toEqual(verdict);
  expect(judge({ responded: true, bounced: true, ended: true }, "no", wire(Code.ResourceExhausted))).toEqual(verdict);
  expect(judge({ responded: true, bounced: true, resetCode: ResetCode.CANCEL, sessionLost: true }, "deadline")).toEqual(verdict);
});

describe("the caller's own signal", () => {
  test("a cancel says nothing of the endpoint", () => {
    expect(judge({ resetCode: ResetCode.CANCEL }, "canceled")).toEqual({ kind: "abandoned", processed: "unknown" });
  });
  test("a deadline counts against the endpoint", () => {
    expect(judge({ resetCode: ResetCode.CANCEL }, "deadline")).toEqual({ kind: "timeout", processed: "unknown" });
    expect(judge({ resetCode: ResetCode.CANCEL, responded: true }, "deadline").kind).toBe("timeout");
  });
  test("a deadline that cuts a stream which is being answered does not", () => {
    expect(judge({ responded: true }, "deadline", undefined, true).kind).toBe("abandoned");
    expect(judge({}, "deadline", undefined, true).kind).toBe("timeout");
  });
  test("a reader that stops early abandons the call", () => {
    expect(judge({ responded: true, givenUp: true }).kind).toBe("abandoned");
  });
  test("an answer that came before the cancel stands", () => {
    expect(judge({ responded: true, ended: true }, "canceled").kind).toBe("success");
  });
});

describe("an answer", () => {
  const answered = { responded: true, ended: true };
  test.each([
    [Code.Unavailable, "failure"],
    [Code.Internal, "failure"],
    [Code.Unknown, "failure"],
    [Code.DataLoss, "failure"],
    [Code.ResourceExhausted, "overload"],
    [Code.DeadlineExceeded, "timeout"],
    [Code.Canceled, "clientError"],
    [Code.InvalidArgument, "clientError"],
    [Code.NotFound, "clientError"],
    [Code.AlreadyExists, "clientError"],
    [Code.PermissionDenied, "clientError"],
    [Code.FailedPrecondition, "clientError"],
    [Code.Aborted, "clientError"],
    [Code.OutOfRange, "clientError"],
    [Code.Unimplemented, "clientError"],
    [Code.Unauthenticated, "clientError"],
  ])("with code %i is a %s of the endpoint", (code, kind) => {
    expect(judge(answered, "no", wire(code))).toEqual({ kind, processed: "yes" });
  });
  test("counts although the stream still hangs open", () => {
    expect(judge({ responded: true }, "no", wire(Code.NotFound)).kind).toBe("clientError");
  });
  test("that is beyond our own limits is no fault of the endpoint", () => {
    expect(judge({ responded: true, givenUp: true }, "no", new ConnectError("too large", Code.ResourceExhausted)).kind).toBe("success");
  });
  test("that is an HTTP error without a body of the protocol is what its status says, though the error is made on our side", () => {
    const page = { responded: true, givenUp: true, httpError: true };
    expect(judge(page, "no", new ConnectError("HTTP 403", Code.PermissionDenied))).toEqual({ kind: "clientError", processed: "yes" });
    expect(judge(page, "no", new ConnectError("HTTP 503", Code.Unavailable)).kind).toBe("failure");
    expect(judge(page, "no", new ConnectError("too large", Code.ResourceExhausted)).kind).toBe("success");
  });
  test("headers that are too large to be sent are no fault of the endpoint, and no better elsewhere", () => {
    const unsendable = new ConnectError("too large", Code.ResourceExhausted);
    const facts = { unsendable, resetCode: ResetCode.REFUSED_STREAM };
    expect(judge(facts, "no", unsendable)).toEqual({ kind: "abandoned", processed: "no" });
    expect(streamError({ ...quiet, ...facts }, "10.0.0.1:80")).toBe(unsendable);
  });

  test("that an interceptor of ours refuses is no fault of the endpoint", () => {
    expect(judge({ responded: true, givenUp: true }, "no", new ConnectError("not for you", Code.PermissionDenied)).kind).toBe("success");
  });
  test("that makes no sense is a failure", () => {
    expect(judge({ responded: true, givenUp: true }, "no", new ConnectError("not protobuf", Code.Internal)).kind).toBe("failure");
    expect(judge(answered, "no", new ConnectError("incomplete envelope", Code.InvalidArgument)).kind).toBe("failure");
  });
  test("that is cut off is a failure; a unary one has reached nobody yet, a stream has", () => {
    const cut = { responded: true, resetCode: ResetCode.CANCEL, sessionLost: true };
    expect(judge(cut)).toEqual({ kind: "failure", processed: "unknown" });
    expect(judge(cut, "no", undefined, true)).toEqual({ kind: "failure", processed: "yes" });
  });
});

test("a server's wish to be left alone is read in ms or in seconds; what gRPC's header does not say in digits is a wish not to be asked again", () => {
  const asking = (metadata: Record<string, string>) => pushbackMs(new ConnectError("busy", Code.ResourceExhausted, metadata));
  expect(asking({ "grpc-retry-pushback-ms": "250" })).toBe(250);
  expect(asking({ "retry-after": "2" })).toBe(2000);
  for (const nonsense of ["-1", "soon", "Infinity"]) expect(asking({ "retry-after": nonsense })).toBeUndefined();
  for (const never of ["-1", "soon", "", "1e3", "1.5"]) expect(asking({ "grpc-retry-pushback-ms": never })).toBe(-1);
  expect(asking({})).toBeUndefined();
  expect(pushbackMs(new Error("not ours"))).toBeUndefined();
});

test("a dead peer is told from a cancelled call by its error", () => {
  const lost = streamError({ ...quiet, resetCode: ResetCode.CANCEL, sessionLost: true }, "10.0.0.1:80", "read ECONNRESET");
  expect(lost.message).toBe("[unavailable] lost the connection to 10.0.0.1:80 before a response: read ECONNRESET");
  const reset = streamError({ ...quiet, responded: true, resetCode: ResetCode.CANCEL }, "10.0.0.1:80", undefined);
  expect(reset.message).toBe("[canceled] 10.0.0.1:80 reset the stream in the middle of the response (CANCEL)");
});
