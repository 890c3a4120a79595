import { expect, test } from "vitest";
import type { Scenario } from "../scenario.ts";
import { validateScenario } from "../validate-scenario.ts";
import { readYaml } from "./read-yaml.ts";

const fine = `# A comment
name: mine
description: Two pods.
durationMs: 1000
servers:
  - name: pod
    count: 2
    cores: 4
clients:
  - { name: client, count: 1, rate: 10, work: { kind: constant, value: 5 } }
`;

const read = (source: string): Scenario => readYaml("my-fleet.yaml", source, validateScenario);

test("a fleet is read", () => {
  expect(read(fine)).toMatchObject({
    name: "mine",
    servers: [{ name: "pod", count: 2, cores: 4 }],
    clients: [{ work: { kind: "constant", value: 5 } }],
  });
});

test("bad YAML is an error with its line", () => {
  expect(() => read(fine.replace("count: 2", "count: 2: 3"))).toThrow(/^my-fleet\.yaml:7: /);
  expect(() => read(fine.replace("rate: 10, work", "rate: 10 work"))).toThrow(/^my-fleet\.yaml:10: /);
});

test.each([
  ["an unknown field", "cores: 4", "core: 4", "my-fleet.yaml:8: servers[0].core is no known field"],
  ["a value out of range", "cores: 4", "cores: -4", "my-fleet.yaml:8: servers[0].cores is -4"],
  ["a field that is missing: where it should be", "    cores: 4\n", "", "my-fleet.yaml:6: servers[0].cores is missing"],
  ["a field deep inside", "value: 5", "value: zero", 'my-fleet.yaml:9: clients[0].work.value is "zero"'.replace(":9:", ":10:")],
  ["a field of the scenario that is missing", "name: mine\n", "", "my-fleet.yaml:2: name is missing"],
])("%s is an error with its line", (_, from, to, message) => {
  expect(() => read(fine.replace(from, to))).toThrow(message);
});

test("what is no scenario at all is an error, too", () => {
  expect(() => read("")).toThrow("my-fleet.yaml:1: the scenario is null");
  expect(() => read("just text")).toThrow('my-fleet.yaml:1: the scenario is "just text"');
});
