import { createContextValues } from "@connectrpc/connect";
import { metrics, trace } from "@opentelemetry/api";
import { expect, test } from "vitest";
import type { CallObserver } from "../transport/calls/call-observer.ts";
import type { AttachedTransport } from "../transport/transport-telemetry.ts";
import { telemetry } from "./telemetry.ts";

test("with the API alone, nothing is measured and nobody listens to a call", () => {
  const observers: CallObserver[] = [];
  const observe = (observer: CallObserver) => {
    observers.push(observer);
    return { [Symbol.dispose]() {} };
  };
  const target = "static:///a";
  const transport = { target, authority: undefined, zone: undefined, protocol: "connect", observe };
  telemetry({ tracerProvider: trace.getTracerProvider(), meterProvider: metrics.getMeterProvider() }).attach(
    transport as unknown as AttachedTransport,
  );
  const call = { method: "a.B/C", target, contextValues: createContextValues() };
  expect(observers.map((observer) => observer.onCall(call))).toEqual([undefined]);
});
