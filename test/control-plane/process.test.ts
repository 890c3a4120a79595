import { expect, test } from "vitest";
import { use } from "../support/use.ts";
import { PlaneProcess } from "./plane-process.ts";
import { ServicesFile } from "./services-file.ts";
import { TestClient } from "./test-client.ts";

const services = (address: string) => ({ "a.b:80": { endpoints: [`${address}:80`] } });

test("a process serves its file, follows it, and goes at SIGTERM without a fault for its clients", { timeout: 60_000 }, async () => {
  const file = use(new ServicesFile());
  file.write(services("10.0.0.1"));
  const plane = use(await PlaneProcess.start(file.path));
  const texts = new TestClient(plane.port).delta(true, "a.b:80");
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.1");
  file.writeText("services: [");
  file.write(services("10.0.0.2"));
  expect((await texts.next()).value).toBe("a.b:80=10.0.0.2");
  const exit = plane.end("SIGTERM");
  expect((await texts.next()).done).toBe(true);
  expect(await exit).toEqual([0, null]);
  await Promise.all([plane.said("registry complete"), plane.said("stream closed")]);
});
