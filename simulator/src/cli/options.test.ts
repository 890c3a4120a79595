import { expect, test } from "vitest";
import { HELP, readOptions } from "./options.ts";

const read = (line: string) => readOptions(line.split(" ").filter(Boolean));

test("a fleet is all it takes", () => {
  expect(read("my-fleet.yaml")).toEqual({
    fleet: "my-fleet.yaml",
    policies: undefined,
    seeds: 3,
    report: undefined,
    json: false,
    threads: undefined,
  });
});

test("every option is read, and is in the help", () => {
  const all = read("my-fleet.yaml --policies p2c,mine --seeds 7 --report my.html --json --threads 2");
  expect(all).toEqual({ fleet: "my-fleet.yaml", policies: ["p2c", "mine"], seeds: 7, report: "my.html", json: true, threads: 2 });
  for (const option of ["policies", "seeds", "report", "json", "threads", "list", "help"]) expect(HELP).toContain(`  --${option} `);
});

test("help and the list need no fleet", () => {
  expect([read("--help"), read("-h"), read("--list")]).toEqual(["help", "help", "list"]);
});

test.each([
  ["", "which fleet?"],
  ["a.yaml b.yaml", "b.yaml is too many"],
  ["a.yaml --seeds none", '--seeds takes a whole number from 1 on, not "none"'],
  ["a.yaml --polices p2c", "--polices"],
])("`%s` is an error that says why", (line, message) => {
  expect(() => read(line)).toThrow(message);
});
