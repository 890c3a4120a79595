import { describe, expect, onTestFinished, test } from "vitest";
import type { ModelApiserver } from "../../../test/kubernetes/model-apiserver.ts";
import { collectionPath, Reflected } from "../../../test/kubernetes/reflected.ts";

/** One that has synced `a` and `b`. */
async function synced(prepare: (apiserver: ModelApiserver) => void = () => {}) {
  const reflected = new Reflected(1, {}, (apiserver) => {
    for (const uid of ["a", "b"]) apiserver.put(collectionPath, { metadata: { uid }, text: "1" });
    prepare(apiserver);
  });
  onTestFinished(() => reflected.reflector.close());
  expect((await reflected.told()).slice(-1)).toEqual(["synced"]);
  return reflected;
}

const changesOf = async (reflected: Reflected) => (await reflected.told()).filter((text) => !text.includes("trouble"));

const withoutWatchList = (apiserver: ModelApiserver) => {
  apiserver.hasWatchList = false;
};

describe("what is told", () => {
  test.each([
    ["with watch-list", () => {}, ["watchList"]],
    ["without", withoutWatchList, ["watchList", "list", "watch 3"]],
    [
      "without, in pages",
      (apiserver: ModelApiserver) => Object.assign(apiserver, { hasWatchList: false, pageItems: 1 }),
      ["watchList", "list", "list", "watch 3"],
    ],
  ])("is all that there is, then that this is all, then what changes: %s", async (_, prepare, asked) => {
    const reflected = new Reflected(1, {}, (apiserver) => {
      for (const uid of ["a", "b"]) apiserver.put(collectionPath, { metadata: { uid }, text: "1" });
      prepare(apiserver);
    });
    onTestFinished(() => reflected.reflector.close());
    expect(await reflected.told()).toEqual(["a=1", "b=1", "synced"]);
    expect(reflected.asked()).toEqual(asked);
    reflected.put("c", "1");
    reflected.put("a", "2");
    reflected.delete("b");
    expect(await reflected.told()).toEqual(["c=1", "a=2", "-b"]);
    expect(reflected.asked()).toEqual([]);
  });

  test("is what differs when all is listed again, and nothing goes before what takes its place has come", async () => {
    const reflected = await synced();
    reflected.apiserver.stall();
    reflected.delete("b");
    reflected.put("c", "1");
    reflected.put("a", "2");
    reflected.apiserver.compact();
    reflected.apiserver.end(new Error("reset"));
    await reflected.pass(5_000);
    expect(await changesOf(reflected)).toEqual(["a=2", "c=1", "-b"]);
  });

  test("is nothing after it has been closed", async () => {
    const reflected = await synced();
    reflected.put("c", "1");
    reflected.reflector.close();
    expect(await reflected.told()).toEqual([]);
    await reflected.pass(600_000, 60_000);
    expect(reflected.asked()).toEqual(["watchList"]);
    expect(reflected.clock.pending).toBe(0);
  });

  test("is the last good state of an object that can't be read any more", async () => {
    const reflected = await synced();
    reflected.apiserver.put(collectionPath, { metadata: { uid: "a" }, text: 7 });
    expect(await reflected.told()).toEqual([]);
    reflected.apiserver.compact();
    reflected.apiserver.end(new Error("reset"));
    await reflected.pass(5_000);
    expect(await changesOf(reflected)).toEqual([]);
    expect(reflected.copy.get("a")).toBe("1");
    expect(reflected.reflector.status).toMatchObject({ unreadable: 2, lists: 2 });
  });
});

describe("a watch goes on from where it was", () => {
  test.each<[string, (apiserver: ModelApiserver) => void, string]>([
    ["the connection breaks", (apiserver) => apiserver.end(new Error("reset")), "broken"],
    ["the connection breaks in the midst of a line", (apiserver) => apiserver.cut(), "broken"],
    ["the server ends it", (apiserver) => apiserver.end(), "ended"],
  ])("when %s", async (_, happen, reason) => {
    const reflected = await synced();
    reflected.asked();
    await reflected.pass(11_000);
    happen(reflected.apiserver);
    reflected.put("a", "2");
    await reflected.pass(2_000);
    expect(await reflected.told()).toEqual(["a=2"]);
    expect(reflected.asked()).toEqual(["watch 3"]);
    expect([...reflected.reflector.status.restarts]).toEqual([[reason, 1]]);
  });

  test("when the apiserver is silent, which a bookmark a minute is not", async () => {
    const reflected = await synced();
    reflected.asked();
    await reflected.pass(200_000);
    expect(reflected.asked()).toEqual([]);
    reflected.apiserver.stall();
    reflected.put("a", "2");
    await reflected.pass(92_000);
    expect(await reflected.told()).toEqual(["a=2"]);
    expect([...reflected.reflector.status.restarts]).toEqual([["silent", 1]]);
  });

  test("from the last bookmark, so that a quiet collection does not have to be listed again", async () => {
    const reflected = await synced();
    reflected.asked();
    reflected.apiserver.compact();
    await reflected.pass(61_000);
    reflected.apiserver.end(new Error("reset"));
    await reflected.pass(2_000);
    expect(reflected.asked()).toEqual(["watch 4"]);
  });
});

describe("what has been told stays", () => {
  test.each<[string, ModelApiserver["faults"]]>([
    ["refuses connections", ["refuse", "refuse", "refuse"]],
    ["does not answer", ["hang", "hang"]],
    ["is overloaded", [{ status: 429, retryAfterMs: 3_000 }, { status: 503 }, { status: 500 }]],
    ["forbids it", [{ status: 403 }, { status: 403 }]],
    ["refuses the token", [{ status: 401 }, { status: 401 }, { status: 401 }]],
    ["says what nobody understands", ["garbage", "garbage"]],
    ["has forgotten the version, and fails to list", [{ status: 410 }, { status: 500 }, "refuse", "hang"]],
  ])("while the apiserver %s", async (_, faults) => {
    const reflected = await synced();
    reflected.apiserver.faults.push(...faults);
    reflected.apiserver.end(new Error("reset"));
    await reflected.pass(120_000);
    expect(await changesOf(reflected)).toEqual([]);
    reflected.put("a", "2");
    expect(await reflected.told()).toEqual(["a=2"]);
  });

  test("while the pages of a list expire: all of them are asked for again", async () => {
    const reflected = await synced((apiserver) => Object.assign(apiserver, { hasWatchList: false, pageItems: 1 }));
    reflected.asked();
    reflected.apiserver.stall();
    reflected.delete("b");
    reflected.put("c", "1");
    reflected.apiserver.faults.push({ status: 410 }, undefined, undefined, { status: 410 });
    reflected.apiserver.end(new Error("reset"));
    await reflected.pass(10_000);
    expect(reflected.asked()).toEqual(["watch 3", "watchList", "list", "list", "list", "list", "watch 5"]);
    expect(await changesOf(reflected)).toEqual(["c=1", "-b"]);
  });
});

test("an apiserver that is left alone for as long as it asks", async () => {
  const reflected = await synced();
  reflected.asked();
  reflected.apiserver.faults.push({ status: 429, retryAfterMs: 30_000 });
  reflected.apiserver.end(new Error("reset"));
  await reflected.pass(29_000);
  expect(reflected.asked()).toEqual(["watch 3"]);
  await reflected.pass(4_000);
  expect(reflected.asked()).toEqual(["watch 3"]);
});

test("trouble is told from the second failure in a row on, and ends when a watch has worked for 10 s", async () => {
  const reflected = await synced();
  reflected.apiserver.faults.push("refuse");
  reflected.apiserver.end(new Error("reset"));
  await reflected.pass(3_000, 10);
  expect(await reflected.told()).toEqual([`trouble: ${collectionPath}: connection refused`]);
  await reflected.pass(6_000);
  expect(await reflected.told()).toEqual([]);
  await reflected.pass(5_000);
  expect(await reflected.told()).toEqual(["no trouble"]);
});

test("versions that go back, as after a restore from a backup, are taken at the next list", async () => {
  const reflected = await synced();
  for (let text = 2; text < 9; text++) reflected.put("a", `${text}`);
  await reflected.told();
  reflected.apiserver.rewind(2);
  reflected.put("a", "restored");
  await reflected.pass(5_000);
  expect(await reflected.told()).toEqual(["a=restored"]);
  expect([...reflected.reflector.status.restarts]).toEqual([["wentBack", 1]]);
});

test("a restore from a backup is noticed within minutes by a watch from a version that is yet to come, of which the apiserver says nothing", async () => {
  const reflected = await synced();
  for (let text = 2; text < 9; text++) reflected.put("a", `${text}`);
  await reflected.told();
  reflected.apiserver.rewind(2);
  reflected.apiserver.end(new Error("restarted"));
  reflected.put("a", "restored");
  await reflected.pass(5_000);
  expect(await reflected.told()).toEqual([]);
  await reflected.pass(240_000, 1_000);
  expect(await changesOf(reflected)).toEqual(["a=restored"]);
});

test("all is listed again every 10 to 30 minutes, when a watch ends", async () => {
  const reflected = await synced();
  await reflected.pass(4 * 3_600_000, 30_000);
  const { lists, restarts } = reflected.reflector.status;
  expect(lists).toBeGreaterThanOrEqual(7);
  expect(lists).toBeLessThanOrEqual(25);
  expect(restarts.get("relist")).toBe(lists - 1);
  expect([...restarts.keys()].sort()).toEqual(["ended", "relist"]);
});

test("how fresh the copy is can be measured", async () => {
  const reflected = await synced();
  expect(reflected.reflector.status).toMatchObject({ objects: 2, lists: 1, freshAgeMs: 0, eventAgeMs: undefined });
  reflected.put("a", "2");
  await reflected.told();
  await reflected.pass(70_000);
  expect(reflected.reflector.status).toMatchObject({ freshAgeMs: 10_000, eventAgeMs: 70_000 });
});
