import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("options", () => {
  it("are all cells with their own contenders and calls when nothing is said", () => {
    expect(readOptions([])).toEqual({
      cells: undefined,
      contenders: undefined,
      quick: false,
      seconds: undefined,
      calls: undefined,
      callsPerServer: undefined,
      seed: 1,
      check: false,
      json: false,
      list: false,
    });
  });

  it("are read", () => {
    const args = "--cells even-* --contenders p2c,pinned --calls-per-server 10 --seed 0 --check --json".split(" ");
    expect(readOptions(args)).toMatchObject({
      cells: "even-*",
      contenders: ["p2c", "pinned"],
      callsPerServer: 10,
      seed: 0,
      check: true,
      json: true,
    });
  });

  it.each([
    [["--seconds", "0"], "--seconds takes a whole number of at least 1, not 0"],
    [["--calls", "many"], "--calls takes a whole number of at least 1, not many"],
    [["--calls", ""], "--calls takes a whole number of at least 1, not nothing"],
    [["--contenders", "p3c"], "--contenders takes meshless, meshless-no-slow-start, p2c, grpc-js, pinned, not p3c"],
    [["--quik"], "Unknown option '--quik'"],
  ])("that cannot be are refused by name: %j", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
