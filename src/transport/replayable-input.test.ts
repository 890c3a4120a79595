import { expect, test } from "vitest";
import { ReplayableInput } from "./replayable-input.ts";

async function* messages(...values: number[]) {
  yield* values;
}

test("each reader gets all messages from the first on", async () => {
  const input = new ReplayableInput(messages(1, 2, 3));
  const first = input.read();
  expect((await first.next()).value).toBe(1);
  expect((await first.next()).value).toBe(2);
  expect(await Array.fromAsync(input.read())).toEqual([1, 2, 3]);
  expect(input.repeatable).toBe(true);
});

test("a successor gets the message that a dead reader was still waiting for", async () => {
  const late = Promise.withResolvers<number>();
  const source = (async function* () {
    yield 1;
    yield await late.promise;
  })();
  const input = new ReplayableInput(source);
  const dead = input.read();
  await dead.next();
  const orphan = dead.next();
  const all = Array.fromAsync(input.read());
  late.resolve(2);
  expect(await all).toEqual([1, 2]);
  expect((await orphan).value).toBe(2);
});

test("a committed reader goes on where it is, and the call can't be repeated", async () => {
  const input = new ReplayableInput(messages(1, 2, 3));
  const reader = input.read();
  await reader.next();
  input.commit();
  expect(await Array.fromAsync(reader)).toEqual([2, 3]);
  expect(input.repeatable).toBe(false);
});

test("an endless input commits by itself, so that memory stays bounded", async () => {
  const input = new ReplayableInput(messages(...Array.from({ length: 200 }, (_, i) => i)));
  const read = await Array.fromAsync(input.read());
  expect(read).toHaveLength(200);
  expect(input.repeatable).toBe(false);
});

test("an error of the input reaches the reader", async () => {
  const input = new ReplayableInput(
    // biome-ignore lint/correctness/useYield: it fails before it yields
    (async function* (): AsyncGenerator<number> {
      throw new Error("no input");
    })(),
  );
  await expect(input.read().next()).rejects.toThrow("no input");
});
