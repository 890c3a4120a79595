import { describe, expect, it } from "vitest";
import { readServices } from "./read-services.ts";

const example = `
services:
  checkout.shop:8080:
    portName: grpc
    fallback: [checkout.shop-eu:8080]
    endpoints:
      - 10.0.0.1:8080
      - { address: 10.0.0.2, port: 8080, id: pod-2, zone: a, region: r, weight: 2, priority: 1, health: draining, labels: { shard: "7" } }
      - "[fd00::1]:8080"
  checkout.shop-eu:8080: {}
`;

/** What is said of a document. */
function problems(source: string): string {
  try {
    readServices("s.yaml", source);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is said of a service whose definition begins in line 3. */
function problemsOf(definition: string): string {
  return problems(`services:\n  a.b:80:\n${definition.replace(/^/gm, "    ")}\n`).replaceAll('services["a.b:80"]', "a");
}

describe("a document of services", () => {
  it("has services by name, with defaults for what is not said", () => {
    const services = readServices("s.yaml", example);
    const plain = { region: "", zone: "", weight: 1, priority: 0, health: "healthy", labels: {} };
    expect([...services.keys()]).toEqual(["checkout.shop:8080", "checkout.shop-eu:8080"]);
    expect(services.get("checkout.shop:8080")).toEqual({
      name: { text: "checkout.shop:8080", host: "checkout.shop", port: 8080 },
      portName: "grpc",
      fallback: ["checkout.shop-eu:8080"],
      endpoints: [
        { ...plain, address: "10.0.0.1", port: 8080, id: "10.0.0.1:8080" },
        {
          address: "10.0.0.2",
          port: 8080,
          id: "pod-2",
          region: "r",
          zone: "a",
          weight: 2,
          priority: 1,
          health: "draining",
          labels: { shard: "7" },
        },
        { ...plain, address: "fd00::1", port: 8080, id: "[fd00::1]:8080" },
      ],
    });
  });

  it("may say what bounds the load of clients, and what they repeat", () => {
    const source = `
services:
  a.b:80:
    circuitBreaker: { maxRequests: 100, retryBudgetPercent: 12.5, minRetries: 3 }
    retry: { on: [unavailable, 5xx], maxRetries: 2, perTryTimeoutMs: 250, backoffMs: 10, maxBackoffMs: 50 }
  c.d:80:
    retry: { on: [cancelled] }
`;
    const services = readServices("s.yaml", source);
    expect(services.get("a.b:80")).toMatchObject({
      circuitBreaker: { maxRequests: 100, retryBudgetPercent: 12.5, minRetries: 3 },
      retry: { on: ["unavailable", "5xx"], maxRetries: 2, perTryTimeoutMs: 250, backoffMs: 10, maxBackoffMs: 50 },
    });
    expect(services.get("c.d:80")?.retry).toEqual({ on: ["cancelled"], maxRetries: 1, backoffMs: 25, maxBackoffMs: 250 });
  });

  it("may be JSON", () => {
    expect(readServices("s.json", '{"services": {"a.b:80": {"endpoints": ["10.0.0.1:80"]}}}').get("a.b:80")?.endpoints).toHaveLength(1);
  });

  it("may have no services, but not be empty: a file that was cut short is not a fleet that is gone", () => {
    expect(readServices("s.yaml", "services: {}").size).toBe(0);
    for (const source of ["", "# nothing", "services:", "[]", "null"]) expect(problems(source)).toMatch(/^s\.yaml:1: /);
  });

  it.each([
    ["endpoints:\n  - 10.0.0.1:80\n  - 10.0.0.2", 's.yaml:5: a.endpoints[1]: expected "IP:port", IPv6 in brackets, or an object'],
    ["endpoints: [checkout:80]", 's.yaml:3: a.endpoints[0]: expected "IP:port", IPv6 in brackets, or an object'],
    ["endpoints:\n  - { address: checkout, port: 80 }", "s.yaml:4: a.endpoints[0].address: expected an IP address: xDS has no names here"],
    ["endpoints:\n  - { address: 10.0.0.1, port: 0 }", "s.yaml:4: a.endpoints[0].port: Too small: expected number to be >=1"],
    ["endpoints:\n  - 10.0.0.1:65536", "s.yaml:4: a.endpoints[0].port: Too big: expected number to be <=65535"],
    ["endpoints:\n  - address: 10.0.0.1", "s.yaml:4: a.endpoints[0].port: Invalid input: expected number, received undefined"],
    ["endpoints:\n  - 10.0.0.1:80\n  - 10.0.0.1:80", "s.yaml:5: a.endpoints[1]: has the address 10.0.0.1:80 of endpoints[0]"],
    ["endpoints:\n  - '[fd00::1]:80'\n  - '[fd00:0:0::01]:80'", "s.yaml:5: a.endpoints[1]: has the address [fd00::1]:80 of endpoints[0]"],
    ["endpoints:\n  - '[fd00::1%eth0]:80'", "s.yaml:4: a.endpoints[0].address: expected an IP address: xDS has no names here"],
    ["fallback: [a.b:80]", "s.yaml:3: a.fallback[0]: a service can't be its own fallback"],
    ["fallback: [c.d:80]", "s.yaml:3: a.fallback[0]: there is no service c.d:80"],
    ["portName: '8080'", "s.yaml:3: a.portName: expected 1 to 15 characters of a-z, 0-9 and -, as for ports of Kubernetes"],
    ["circuitBreaker: { maxRequests: 0 }", "s.yaml:3: a.circuitBreaker.maxRequests: Too small: expected number to be >=1"],
    ["retry:\n  maxRetries: 1", "s.yaml:4: a.retry.on: Invalid input: expected array, received undefined"],
    ["retry:\n  on: [unavailable]\n  backoffMs: 50\n  maxBackoffMs: 49", "s.yaml:6: a.retry.maxBackoffMs: expected no less than backoffMs"],
    ["portNmae: grpc", 's.yaml:3: a.portNmae: Unrecognized key: "portNmae"'],
    ["endpoints: []\nendpoints: []", "s.yaml:4: Map keys must be unique"],
  ])("says line and field of %j", (definition, problem) => {
    expect(problemsOf(definition).split("\n")).toContain(problem);
  });

  it("means one port by each name of a port, and one service by each fallback", () => {
    const ports = "services:\n  a.b:80: { portName: grpc }\n  c.d:81: { portName: grpc }\n  a.b:81:\n    portName: grpc\n";
    expect(problems(ports)).toBe('s.yaml:5: services["a.b:81"].portName: a.b:grpc is a.b:80');
    const fallbacks = "services:\n  a.b:80:\n    fallback:\n      - c.d:80\n      - c.d:80\n  c.d:80: {}\n";
    expect(problems(fallbacks)).toBe('s.yaml:5: services["a.b:80"].fallback[1]: c.d:80 is named twice');
  });

  it.each(["weight: 0", "weight: 1.5", "weight: 4294967296", "weight: .nan", "priority: 128", "health: unknown", "labels: { a: 1 }"])(
    "has no endpoint with %s",
    (field) => expect(problemsOf(`endpoints:\n  - { address: 10.0.0.1, port: 80, ${field} }`)).toMatch(/^s\.yaml:4: a\.endpoints\[0\]\./),
  );

  it.each(["a.b", "a.b:grpc", "a.b:0", "a.b:65536", "A.b:80", "10.0.0.1:80", "a..b:80", "-a.b:80", "a b:80"])(
    "has no service named %s, and says so in its line",
    (name) => expect(problems(`services:\n  ok.ok:80: {}\n  "${name}": {}\n`)).toMatch(/^s\.yaml:3: .*expected service\.namespace:port/),
  );

  it("refuses what YAML itself can't make sense of, with the file", () => {
    const nine = (text: string) => `[${Array(9).fill(text).join()}]`;
    const bomb = `a: &a ${nine("x")}\nb: &b ${nine("*a")}\nc: &c ${nine("*b")}\nservices: ${nine("*c")}`;
    expect(problems("services: *none")).toMatch(/^s\.yaml: .*none/);
    expect(problems(bomb)).toMatch(/^s\.yaml: .*alias/);
    expect(problems(`services: ${"[".repeat(5_000)}`)).toMatch(/^s\.yaml:/);
  });

  it("takes names of prototypes for names", () => {
    const source =
      "services:\n  constructor:80:\n    endpoints: [{ address: 10.0.0.1, port: 80, labels: { constructor: c, toString: t } }]\n";
    const labels = readServices("s.yaml", source).get("constructor:80")?.endpoints[0]?.labels ?? {};
    expect(Object.entries(labels)).toEqual([
      ["constructor", "c"],
      ["toString", "t"],
    ]);
    expect(readServices("s.yaml", "services:\n  __proto__: {}\n  a.b:80: {}").size).toBe(1);
    expect(problems("services:\n  a.b:80:\n    fallback: [constructor:80]\n")).toContain("there is no service constructor:80");
  });

  it("tells five of many problems", () => {
    const source = `services:\n${Array.from({ length: 20 }, (_, index) => `  x${index}: {}`).join("\n")}`;
    expect(problems(source).split("\n")).toHaveLength(6);
    expect(problems(source)).toMatch(/s\.yaml: and 15 more$/);
  });
});
