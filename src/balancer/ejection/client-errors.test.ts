import { expect, test } from "vitest";
import type { Member } from "../member.ts";
import { ClientErrors } from "./client-errors.ts";

const PROBED = { slot: 0 } as Member;

function outFor(kind: "failure" | "clientError") {
  const clientErrors = new ClientErrors();
  for (let call = 0; call < 100; call += 1) clientErrors.count("success");
  clientErrors.onEjected(PROBED, kind);
  return clientErrors;
}

test("who is out because it failed is not accused for a client error, and who is out for client errors is", () => {
  expect(outFor("failure").accuses(PROBED)).toBe(false);
  expect(outFor("clientError").accuses(PROBED)).toBe(true);
});

test("it is not once half of what the others answered since are client errors, whatever they answered before", () => {
  const clientErrors = outFor("clientError");
  for (let call = 0; call < 3; call += 1) clientErrors.count("success");
  for (let call = 0; call < 2; call += 1) clientErrors.count("clientError");
  for (let call = 0; call < 9; call += 1) clientErrors.count("failure");
  expect(clientErrors.accuses(PROBED)).toBe(true);
  clientErrors.count("clientError");
  expect(clientErrors.accuses(PROBED)).toBe(false);
});

test("the reason of the latest ejection counts", () => {
  const clientErrors = outFor("clientError");
  clientErrors.onEjected(PROBED, "timeout");
  expect(clientErrors.accuses(PROBED)).toBe(false);
});

test("who came back or left starts anew", () => {
  const clientErrors = outFor("clientError");
  clientErrors.forget(PROBED);
  expect(clientErrors.accuses(PROBED)).toBe(false);
});
