import { AddressRules } from "meshless/discovery";
import { expect, it } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { EndpointFilter } from "./endpoint-filter.ts";

it("a service keeps the endpoints whose addresses are allowed, and the others are named", () => {
  const { service, refused } = new EndpointFilter(new AddressRules()).apply(
    testService("a.b:80", { endpoints: ["10.0.0.1:80", "127.0.0.1:80"] }),
  );
  expect(service.endpoints.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  expect(refused).toMatchObject([{ service: "a.b:80", endpoint: { address: "127.0.0.1" } }]);
});
