import { expect, test } from "vitest";
import { ReplayMemory } from "./replay-memory.ts";
import { type Keep, ReplayableInput } from "./replayable-input.ts";

async function* messages(...values: number[]) {
  yield* values;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function inputOf(source: AsyncIterable<number>, keep: Partial<Keep> = {}): ReplayableInput<number> {
  return new ReplayableInput(source, { sentBytes: () => 0, mustKeep: () => false, account: new ReplayMemory().account(), ...keep });
}

test("each reader gets all messages from the first on", async () => {
  const input = inputOf(messages(1, 2, 3));
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
  const input = inputOf(source);
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

test("a message that comes when the call is over is not counted among those that are kept", async () => {
  const memory = new ReplayMemory();
  const late = Promise.withResolvers<number>();
  const source = (async function* () {
    yield 1;
    yield await late.promise;
  })();
  const input = inputOf(source, { sentBytes: () => 1_000, account: memory.account() });
  const reader = input.read();
  await reader.next();
  expect(memory.bytes).toBe(1_000);
  const second = reader.next();
  input.halt();
  input.commit();
  late.resolve(2);
  await second;
  expect(memory.bytes).toBe(0);
});

test("a reader that was halted gets no more, and its successor gets all", async () => {
  const { input, dead, orphan, arrive } = await waitingForTwo();
  input.halt();
  arrive();
  expect([(await orphan).done, (await dead.next()).done]).toEqual([true, true]);
  expect(await Array.fromAsync(input.read())).toEqual([1, 2, 3]);
});

test("a committed reader goes on where it is, and the call can't be repeated", async () => {
  const input = inputOf(messages(1, 2, 3));
  const reader = input.read();
  await reader.next();
  input.commit();
  expect(await Array.fromAsync(reader)).toEqual([2, 3]);
  expect(input.repeatable).toBe(false);
});

test("an endless input commits by itself, so that memory stays bounded", async () => {
  const input = inputOf(messages(...numbers(200)));
  const read = await Array.fromAsync(input.read());
  expect(read).toHaveLength(200);
  expect(input.repeatable).toBe(false);
});

test("what may have to be sent again is kept, however much it is", async () => {
  let mustKeep = true;
  const input = inputOf(messages(...numbers(200)), { mustKeep: () => mustKeep });
  expect(await Array.fromAsync(input.read())).toHaveLength(200);
  expect(input.repeatable).toBe(true);
  mustKeep = false;
  expect(await Array.fromAsync(input.read())).toEqual(numbers(200));
});

test("an error of the input reaches the reader", async () => {
  const input = inputOf(
    // biome-ignore lint/correctness/useYield: it fails before it yields
    (async function* (): AsyncGenerator<number> {
      throw new Error("no input");
    })(),
  );
  await expect(input.read().next()).rejects.toThrow("no input");
});

test("a call commits once it has sent a mebibyte, or all calls of the process together have sent what may be kept", async () => {
  const memory = new ReplayMemory(3 * 2 ** 20);
  const begin = async (sentBytes: number) => {
    const input = inputOf(messages(1, 2), { sentBytes: () => sentBytes, account: memory.account() });
    await input.read().next();
    return input;
  };
  expect((await begin(2 ** 20 + 1)).repeatable).toBe(false);
  const three = [await begin(2 ** 20), await begin(2 ** 20), await begin(2 ** 20)];
  expect(three.map(({ repeatable }) => repeatable)).toEqual([true, true, true]);
  expect((await begin(1)).repeatable).toBe(false);
  for (const input of three) input.commit();
  expect(memory.bytes).toBe(0);
  expect((await begin(2 ** 20)).repeatable).toBe(true);
});
