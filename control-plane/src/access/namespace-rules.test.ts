import { expect, test } from "vitest";
import { testService } from "../../../test/control-plane/test-service.ts";
import { mayFallBack, namespaceRules } from "./namespace-rules.ts";

const clients: Readonly<Record<string, readonly string[]>> = {
  "status.infra:80": ["*"],
  "pay.bank:443": ["shop/cart", "audit"],
};
const services = ["checkout.shop:8080", "pay.bank:443", "status.infra:80", "other.infra:80"];
const clientsOf = (service: string) => clients[service] ?? [];

function had(names: readonly string[], trustDomain?: string): readonly string[] {
  return services.filter(namespaceRules({ clientsOf, trustDomain })(names));
}

test("a client has what is in its own namespace, and what names it, its namespace or everybody", () => {
  expect(had(["system:serviceaccount:shop:cart"])).toEqual(["checkout.shop:8080", "pay.bank:443", "status.infra:80"]);
  expect(had(["system:serviceaccount:shop:web"])).toEqual(["checkout.shop:8080", "status.infra:80"]);
  expect(had(["system:serviceaccount:audit:any"])).toEqual(["pay.bank:443", "status.infra:80"]);
});

test("SPIFFE IDs name a namespace in one trust domain, and nowhere else", () => {
  const id = "spiffe://cluster.local/ns/infra/sa/x";
  expect(had([id], "cluster.local")).toEqual(["status.infra:80", "other.infra:80"]);
  for (const domain of [undefined, "other.local"]) expect(had([id], domain)).toEqual([]);
});

test.each([
  "",
  "shop",
  "system:serviceaccount:shop",
  "system:serviceaccount:shop:a:b",
  "system:node:shop",
  "xsystem:serviceaccount:shop:a",
])("who is no ServiceAccount has nothing, not even what is for everybody: %j", (name) => {
  expect(had([name], "cluster.local")).toEqual([]);
});

test("a service falls back into its own namespace, and on those that name its namespace", () => {
  const falls = (name: string, other: string, ...clients: readonly string[]) =>
    mayFallBack(testService(name, {}), testService(other, { clients: [...clients] }));
  expect(falls("a.shop:80", "b.shop:80")).toBe(true);
  expect(falls("a.shop:80", "b.bank:80", "shop")).toBe(true);
  expect(falls("a.shop:80", "b.bank:80", "*")).toBe(true);
  expect(falls("a.shop:80", "b.bank:80")).toBe(false);
  expect(falls("a.shop:80", "b.bank:80", "shop/cart", "web")).toBe(false);
});

test("a name of a service that is none is in no namespace", () => {
  expect(namespaceRules({ clientsOf })(["system:serviceaccount:shop:cart"])("shop:80")).toBe(false);
  expect(namespaceRules({ clientsOf: () => [] })(["system:serviceaccount:constructor:cart"])("a.shop:80")).toBe(false);
});
