import { expect, test } from "vitest";
import type { ResourceType } from "../resource.ts";
import { Propagation } from "./propagation.ts";
import type { TypeState } from "./type-state.ts";

const stateOf = (given: Partial<TypeState> = {}) => ({ type: "endpoints", isUnderWay: false, pending: new Set(), ...given }) as TypeState;
const typesOf = (state: TypeState) => new Map<ResourceType, TypeState>([["endpoints", state]]);

test("it lasts from the first change that was not sent until the client has accepted it", () => {
  const propagation = new Propagation();
  propagation.changed("endpoints", 100);
  propagation.changed("endpoints", 150);
  propagation.sent("endpoints");
  propagation.changed("endpoints", 180);
  expect(propagation.answered(stateOf(), 200)).toBe(100);
  propagation.sent("endpoints");
  expect(propagation.answered(stateOf({ isUnderWay: true }), 210)).toBeUndefined();
  expect(propagation.answered(stateOf(), 220)).toBe(40);
  expect(propagation.answered(stateOf(), 300)).toBeUndefined();
});

test("what is refused has not come about", () => {
  const propagation = new Propagation();
  propagation.changed("endpoints", 100);
  propagation.sent("endpoints");
  expect(propagation.answered(stateOf({ refusal: "no" }), 200)).toBeUndefined();
  expect([propagation.answered(stateOf(), 300), propagation.latestMs]).toEqual([undefined, undefined]);
});

test("what turns out to be no change is forgotten, but for what is still to be sent", () => {
  const propagation = new Propagation();
  propagation.changed("endpoints", 100);
  propagation.settle(typesOf(stateOf({ pending: new Set(["a.b:80"]) })));
  propagation.sent("endpoints");
  expect(propagation.answered(stateOf(), 130)).toBe(30);
  propagation.changed("endpoints", 200);
  propagation.settle(typesOf(stateOf()));
  propagation.changed("endpoints", 500);
  propagation.sent("endpoints");
  expect(propagation.answered(stateOf(), 510)).toBe(10);
});
