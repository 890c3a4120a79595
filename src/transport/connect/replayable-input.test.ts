import { expect, test } from "vitest";
import { ReplayableInput } from "./replayable-input.ts";

async function* messages(...values: number[]) {
  yield* values;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const never = () => false;

test("each reader gets all messages from the first on", async () => {
  const input = new ReplayableInput(messages(1, 2, 3), never);
  const first = input.read();
  expect((await first.next()).value).toBe(1);
  expect((await first.next()).value).toBe(2);
  expect(await Array.fromAsync(input.read())).toEqual([1, 2, 3]);
  expect(input.repeatable).toBe(true);
});

/** An input that was asked for 1 and 2, and 2 is late. */
async function waitingForTwo() {
  const late = Promise.withResolvers<number>();
  const source = (async function* () {
    yield 1;
    yield await late.promise;
    yield 3;
  })();
  const input = new ReplayableInput(source, never);
  const dead = input.read();
  await dead.next();
  return { input, dead, orphan: dead.next(), arrive: () => late.resolve(2) };
}

test("a successor gets the message that a dead reader was still waiting for", async () => {
  const { input, orphan, arrive } = await waitingForTwo();
  const all = Array.fromAsync(input.read());
  arrive();
  expect(await all).toEqual([1, 2, 3]);
  expect((await orphan).done).toBe(true);
});

test("a dead reader takes nothing from a successor whose call is committed", async () => {
  const { input, dead, orphan, arrive } = await waitingForTwo();
  const successor = input.read();
  await successor.next();
  const second = successor.next();
  input.commit();
  arrive();
  expect((await second).value).toBe(2);
  expect([(await orphan).done, (await dead.next()).done]).toEqual([true, true]);
  expect((await successor.next()).value).toBe(3);
});

test("a reader that was halted gets no more, and its successor gets all", async () => {
  const { input, dead, orphan, arrive } = await waitingForTwo();
  input.halt();
  arrive();
  expect([(await orphan).done, (await dead.next()).done]).toEqual([true, true]);
  expect(await Array.fromAsync(input.read())).toEqual([1, 2, 3]);
});

test("a committed reader goes on where it is, and the call can't be repeated", async () => {
  const input = new ReplayableInput(messages(1, 2, 3), never);
  const reader = input.read();
  await reader.next();
  input.commit();
  expect(await Array.fromAsync(reader)).toEqual([2, 3]);
  expect(input.repeatable).toBe(false);
});

test("an endless input commits by itself, so that memory stays bounded", async () => {
  const input = new ReplayableInput(messages(...numbers(200)), never);
  const read = await Array.fromAsync(input.read());
  expect(read).toHaveLength(200);
  expect(input.repeatable).toBe(false);
});

test("what may have to be sent again is kept, however much it is", async () => {
  let mustKeep = true;
  const input = new ReplayableInput(messages(...numbers(200)), () => mustKeep);
  expect(await Array.fromAsync(input.read())).toHaveLength(200);
  expect(input.repeatable).toBe(true);
  mustKeep = false;
  expect(await Array.fromAsync(input.read())).toEqual(numbers(200));
});

test("an error of the input reaches the reader", async () => {
  const input = new ReplayableInput(
    // biome-ignore lint/correctness/useYield: it fails before it yields
    (async function* (): AsyncGenerator<number> {
      throw new Error("no input");
    })(),
    never,
  );
  await expect(input.read().next()).rejects.toThrow("no input");
});
