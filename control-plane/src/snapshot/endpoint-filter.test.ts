import { AddressRules } from "meshless/discovery";
import { expect, it } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { EndpointFilter } from "./endpoint-filter.ts";

it("a service keeps the endpoints whose addresses are allowed, and the others are named", () => {
  const { service, refused } = new EndpointFilter(new AddressRules()).apply(
    testService("a.b:80", { endpoints: ["10.0.0.1:80", "127.0.0.1:80"] }),
    [],
  );
  expect(service.endpoints.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  expect(refused).toMatchObject([{ service: "a.b:80", endpoint: { address: "127.0.0.1" } }]);
});

it("those that passed before are not looked at again", () => {
  const filter = new EndpointFilter(new AddressRules());
  const { service } = filter.apply(testService("a.b:80", { endpoints: ["10.0.0.1:80", "10.0.0.2:80"] }), []);
  const strict = new EndpointFilter({ allows: () => false } as unknown as AddressRules);
  const [, stays] = service.endpoints;
  const [newcomer] = testService("a.b:80", { endpoints: ["10.0.0.3:80"] }).endpoints;
  const after = strict.apply({ ...service, endpoints: [stays, newcomer].flatMap((each) => each ?? []) }, service.endpoints);
  expect([after.service.endpoints, after.refused.map(({ endpoint }) => endpoint)]).toEqual([[stays], [newcomer]]);
});
