import { AddressRules } from "meshless/discovery";
import { manualClock } from "meshless/testing";
import { expect, test } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { Catalog } from "./catalog.ts";
import { Intake } from "./intake.ts";

function newIntake() {
  const clock = manualClock();
  const catalog = new Catalog(() => {});
  const told: string[] = [];
  const intake = new Intake(catalog, {
    clock,
    addressRules: new AddressRules(),
    removalGraceMs: 1_000,
    onRefused: (endpoints) => told.push(...endpoints.map(({ service, endpoint }) => `${service} ${endpoint.address}`)),
  });
  return { intake, catalog, clock, told };
}

test("a service that is gone is served on for a while, and for good if it comes back", () => {
  const { intake, catalog, clock } = newIntake();
  intake.present(testService("a.b:80"));
  intake.gone("a.b:80");
  clock.advance(999);
  intake.present(testService("a.b:80"));
  clock.advance(10_000);
  expect(catalog.services.has("a.b:80")).toBe(true);
  intake.gone("a.b:80");
  intake.gone("a.b:80");
  clock.advance(1_000);
  expect(catalog.services.has("a.b:80")).toBe(false);
  expect(clock.pending).toBe(0);
});

test("endpoints where none may be are left out and told, as long as they are there", () => {
  const { intake, catalog, told } = newIntake();
  intake.present(testService("a.b:80", { endpoints: ["169.254.169.254:80", "10.0.0.1:80"] }));
  expect(catalog.services.get("a.b:80")?.endpoints).toHaveLength(1);
  expect(told).toEqual(["a.b:80 169.254.169.254"]);
  expect(intake.refused).toHaveLength(1);
  intake.present(testService("a.b:80", { endpoints: ["10.0.0.1:80"] }));
  expect(intake.refused).toEqual([]);
});

test("nothing waits for anything once it is closed", () => {
  const { intake, clock } = newIntake();
  intake.present(testService("a.b:80"));
  intake.gone("a.b:80");
  intake.close();
  expect(clock.pending).toBe(0);
});
