import { expect, test } from "vitest";
import { HELP, isWhole, readOptions, type SuiteOptions } from "./options.ts";

const read = (line: string) => readOptions(line.split(" ").filter(Boolean)) as SuiteOptions;

test("without arguments everything is run, and nothing committed is touched", () => {
  expect(read("")).toEqual({
    selection: { cells: undefined, policies: undefined, seeds: undefined, short: false },
    check: false,
    write: false,
    json: undefined,
    report: undefined,
    threads: undefined,
  });
});

test("every option is read", () => {
  expect(read("--cells a*,b --policies p2c,,prequal --seeds 3 --short --check --json out.json --report dir --threads 1")).toEqual({
    selection: { cells: "a*,b", policies: ["p2c", "prequal"], seeds: 3, short: true },
    check: true,
    write: false,
    json: "out.json",
    report: "dir",
    threads: 1,
  });
  expect(readOptions(["-h"])).toBe("help");
});

test("every option is in the help", () => {
  for (const option of ["cells", "policies", "seeds", "short", "check", "write", "json", "report", "threads"])
    expect(HELP).toContain(`  --${option} `);
});

test.each([
  ["--seeds 0", '--seeds takes a whole number from 1 on, not "0"'],
  ["--seeds 2.5", 'not "2.5"'],
  ["--threads many", '--threads takes a whole number from 1 on, not "many"'],
  ["--check --write", "choose one"],
  ["--write --cells a", "--write needs a whole run"],
  ["--short --write --seeds 2", "--write needs a whole run"],
  ["--sedes 2", "--sedes"],
])("%s is an error that says why", (line, message) => {
  expect(() => read(line)).toThrow(message);
});

test("a run is whole unless cells, policies or seeds narrow it down", () => {
  expect(isWhole({ short: true })).toBe(true);
  expect([isWhole({ cells: "*" }), isWhole({ policies: [] }), isWhole({ seeds: 5 })]).toEqual([false, false, false]);
});
