import { describe, expect, it } from "vitest";
import { cells, quickNames } from "./cells.ts";
import { type FleetOptions, readOptions } from "./options.ts";
import { select } from "./select.ts";

function selected(...args: string[]) {
  return select(readOptions(args) as FleetOptions);
}

describe("the selection", () => {
  it("is the whole matrix by default, of cells with names of their own", () => {
    expect(selected()).toEqual(cells);
    expect(new Set(cells.map(({ name }) => name)).size).toBe(cells.length);
  });

  it("takes names and globs", () => {
    const names = selected("--cells", "weights-20-*, replaced-silent").map(({ name }) => name);
    expect(names).toEqual(["weights-20-silent", "weights-20-reports", "replaced-silent"]);
  });

  it("has all of the quick cells when asked for them", () => {
    expect(selected("--quick").map(({ name }) => name)).toEqual(cells.map(({ name }) => name).filter((name) => quickNames.includes(name)));
    expect(selected("--quick")).toHaveLength(quickNames.length);
  });

  it("shortens cells, except those in which something happens at a given time", () => {
    expect(selected("--cells", "even-300-2ms-4s-1c-silent", "--seconds", "2")[0]?.calls).toBe(600);
    expect(selected("--cells", "even-300-2ms-4s-1c-silent", "--calls-per-server", "10")[0]?.calls).toBe(40);
    expect(selected("--cells", "replaced-silent", "--calls", "10")[0]?.calls).toBe(4_200);
  });

  it("leaves out contenders that weights and changes of the fleet don't reach", () => {
    expect(selected("--cells", "weights-20-silent", "--contenders", "p2c,grpc-js")[0]?.contenders).toEqual(["p2c"]);
    expect(selected("--cells", "sequential-4s-silent", "--contenders", "p2c,grpc-js")[0]?.contenders).toEqual(["p2c", "grpc-js"]);
  });

  it("is refused when it is empty", () => {
    expect(() => selected("--cells", "oven-*")).toThrow("no cell for --cells oven-*");
    expect(() => selected("--cells", "replaced-*", "--contenders", "pinned")).toThrow("no cell");
  });
});
