import { expect, test } from "vitest";
import { readAllowList, toAllowList } from "./read-allow-list.ts";

const list = toAllowList({
  "spiffe://prod.example/ns/shop/sa/*": ["*.shop:*"],
  "spiffe://prod.example/ns/*/sa/admin": ["*"],
  "cart.example.com": ["checkout.shop:8080", "pay.bank:*"],
  "*": ["status.shop:80"],
});

/** What a client may have of four services. */
function had(...names: readonly string[]): readonly string[] {
  return ["checkout.shop:8080", "cart.shop:80", "pay.bank:443", "status.shop:80"].filter(list.permitsOf(names));
}

test("a client has what any rule for any of its names gives, and nothing else", () => {
  expect(had("spiffe://prod.example/ns/shop/sa/cart")).toEqual(["checkout.shop:8080", "cart.shop:80", "status.shop:80"]);
  expect(had("cart.example.com")).toEqual(["checkout.shop:8080", "pay.bank:443", "status.shop:80"]);
  expect(had("spiffe://prod.example/ns/bank/sa/admin")).toHaveLength(4);
  expect(had("spiffe://prod.example/ns/shop/sa/cart", "cart.example.com")).toHaveLength(4);
});

test("a client without a name, or of which no rule knows, has what is for all", () => {
  expect(had()).toEqual(["status.shop:80"]);
  expect(had("spiffe://other.example/ns/shop/sa/cart", "cart.example.org")).toEqual(["status.shop:80"]);
});

test("* does not reach over a slash, and a dot is a dot", () => {
  expect(had("spiffe://prod.example/ns/shop/sa/a/b")).toEqual(["status.shop:80"]);
  expect(had("spiffe://prod.example/ns/x/sa/y/sa/admin")).toEqual(["status.shop:80"]);
  expect(had("cart-example-com")).toEqual(["status.shop:80"]);
  expect(toAllowList({ a: ["a.b:80"] }).permitsOf(["a"])("aXb:80")).toBe(false);
});

test("names of ServiceAccounts, of DNS and URIs are kept apart", () => {
  const rules = toAllowList({
    "system:serviceaccount:shop:*": ["a.shop:80"],
    "*.example.com": ["b.shop:80"],
    "spiffe://*/web.example.com": ["c.shop:80"],
  });
  const had = (name: string) => ["a.shop:80", "b.shop:80", "c.shop:80"].filter(rules.permitsOf([name]));
  expect(had("system:serviceaccount:shop:cart")).toEqual(["a.shop:80"]);
  expect(had("web.example.com")).toEqual(["b.shop:80"]);
  expect(had("system:serviceaccount:evil:web.example.com")).toEqual([]);
  expect(had("urn:web.example.com")).toEqual([]);
  expect(had("spiffe://a:b/web.example.com")).toEqual(["c.shop:80"]);
  expect(had("system:serviceaccount:shop:a:b")).toEqual([]);
});

test("nobody has anything by an empty list", () => {
  expect(toAllowList({}).permitsOf(["a"])("a.b:80")).toBe(false);
  expect(toAllowList({ "*": [] }).permitsOf(["a"])("a.b:80")).toBe(false);
});

test("a file says line and field of what is wrong", () => {
  const problems = (text: string) => {
    try {
      readAllowList("a.yaml", text);
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(problems('clients:\n  "spiffe://a.b/*": ["*.shop:*"]\n')).toBe("none");
  expect(problems('clients:\n  "*": ["*"]\n  x.y: [shop]\n')).toMatch(
    /^a\.yaml:3: clients\["x\.y"\]\[0\]: expected "\*", or service\.namespace:port/,
  );
  expect(problems("clients:\n  CN=cart: []\n")).toMatch(/^a\.yaml:2: clients\["CN=cart"\]: expected "\*", a URI such as/);
  expect(problems("")).toMatch(/^a\.yaml:1: /);
  expect(problems("client: {}\n")).toMatch(/Unrecognized key: "client"/);
});

test("rules in code are checked alike", () => {
  expect(() => toAllowList({ "x y": [] })).toThrow(/^allowList\["x y"\]: expected "\*", a URI/);
});
