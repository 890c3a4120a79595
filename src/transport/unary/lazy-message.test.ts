import { createContextValues } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { EchoService } from "../../../test/gen/meshless/testing/v1/echo_pb.ts";
import { FollowingSignal } from "../../following-signal.ts";
import { LazyRequest, LazyResponse } from "./lazy-message.ts";
import type { MethodPlan } from "./method-plan.ts";
import { RequestHeader } from "./request-header.ts";
import type { WireFormat } from "./wire-format.ts";

const plan = { method: EchoService.method.echo } as unknown as MethodPlan;
const message = { $typeName: "" };

test("a request has its headers and its signal made for who looks, once, and a copy of it has them too", () => {
  let made = 0;
  const header = new RequestHeader([], () => new Headers({ "x-made": `${++made}` }));
  const owner = new FollowingSignal();
  const request = new LazyRequest({ plan, url: "http://a/b", contextValues: createContextValues(), message, header, owner, stream: false });
  expect([request.url, request.method.name, made, header.own]).toEqual(["http://a/b", "Echo", 0, []]);
  const copy = { ...request };
  expect([copy.header.get("x-made"), request.header.get("x-made"), made]).toEqual(["1", "1", 1]);
  expect([copy.header === request.header, copy.signal === owner.signal, copy.message === message]).toEqual([true, true, true]);
  expect(header.own).toBeUndefined();
});

test("a response likewise", () => {
  let made = 0;
  const format = { metadata: () => [new Headers({ "x-made": `${++made}` }), new Headers()] } as unknown as WireFormat;
  const response = new LazyResponse(plan, message, format, { headers: {}, trailers: undefined, body: new Uint8Array() });
  expect([response.message, made]).toEqual([message, 0]);
  const copy = { ...response };
  expect([copy.header.get("x-made"), copy.trailer === response.trailer, made]).toEqual(["1", true, 1]);
});
