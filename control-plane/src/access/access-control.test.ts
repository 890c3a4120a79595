import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "meshless/discovery";
import { expect, onTestFinished, test } from "vitest";
import { Changes } from "../../../test/support/until.ts";
import { AccessControl } from "./access-control.ts";

/** A list in a file, and what is heard of it. */
function followed(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "allow-list-"));
  const path = join(folder, "allow.yaml");
  const write = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  write(text);
  const changes = new Changes();
  const heard: string[] = [];
  const hear = (what: string) => {
    heard.push(what.replace(folder, ""));
    changes.announce();
  };
  const control = new AccessControl(path);
  control.follow(systemClock, { renewed: () => hear("renewed"), trouble: (error) => hear(error?.message ?? "well again") });
  onTestFinished(() => {
    control.close();
    rmSync(folder, { recursive: true });
  });
  const next = async () => {
    await changes.until(() => heard.length > 0);
    return heard.shift();
  };
  return { control, write, next };
}

test("a client that was let in is asked about by the list that stands now, and the last good one while the file is wrong", async () => {
  const { control, write, next } = followed("clients: { c: ['a.b:80'] }");
  const permits = control.permitsOf(["c"]);
  const had = () => ["a.b:80", "x.y:80"].filter(permits);
  expect(had()).toEqual(["a.b:80"]);
  write("clients: { c: [nonsense] }");
  expect(await next()).toMatch(/allow\.yaml:1: clients\.c\[0\]: expected.*\nthe last good contents stay in use$/);
  expect(had()).toEqual(["a.b:80"]);
  write("clients: { c: ['x.y:80'] }");
  expect(await next()).toBe("well again");
  expect(await next()).toBe("renewed");
  expect(had()).toEqual(["x.y:80"]);
});

test("a list that is wrong at the start is an error", () => {
  expect(() => new AccessControl("/nowhere/allow.yaml")).toThrow(/allow\.yaml: ENOENT/);
  expect(() => new AccessControl({ c: ["nonsense"] })).toThrow(/allowList/);
});
