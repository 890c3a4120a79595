import { describe, expect, it } from "vitest";
import { WorkSlots } from "./work-slots.ts";

/** Tasks that are known by name, and end when told to. */
function start(slots: WorkSlots, names: string[]) {
  const started: string[] = [];
  const tasks = names.map((name) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const done = slots.run(() => {
      started.push(name);
      return promise;
    });
    return { done, end: resolve, fail: reject };
  });
  return { started, tasks };
}

describe("work slots", () => {
  it("work on no more tasks than there are slots, and on the rest in the order they came", async () => {
    const { started, tasks } = start(new WorkSlots(2), ["a", "b", "c", "d"]);
    expect(started).toEqual(["a", "b"]);
    tasks[1]?.end();
    await tasks[1]?.done;
    expect(started).toEqual(["a", "b", "c"]);
    tasks[0]?.end();
    await tasks[0]?.done;
    expect(started).toEqual(["a", "b", "c", "d"]);
  });

  it("are freed by a task that fails", async () => {
    const slots = new WorkSlots(1);
    const { tasks } = start(slots, ["a"]);
    tasks[0]?.fail(new Error("broken"));
    await expect(tasks[0]?.done).rejects.toThrow("broken");
    expect(start(slots, ["b"]).started).toEqual(["b"]);
  });
});
