import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../../../test/support/listen.ts";
import { Metrics } from "./metrics.ts";

test("what others measure of themselves is read when somebody asks", async () => {
  const metrics = new Metrics(() => ({
    services: 1,
    endpoints: 2,
    refusedEndpoints: 0,
    isComplete: true,
    isInTrouble: false,
    isTlsInTrouble: false,
    isAllowListInTrouble: false,
  }));
  let lists = 1;
  const measure = (name: string, kind: "counter" | "gauge") => ({
    name: `registry.${name}`,
    description: "a test's",
    kind,
    read: () => [{ value: lists, labels: { path: "/a" } }],
  });
  metrics.add([measure("lists", "counter"), measure("objects", "gauge")]);
  const server = createServer((request, response) => metrics.answer(request, response));
  const port = await listenOnLoopback(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await closeServer(server);
  });
  const linesOf = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return text
      .split("\n")
      .filter((line) => line.includes('path="/a"'))
      .map((line) => line.replace(/\{.*\}/, ""));
  };
  const names = ["meshless_control_plane_registry_lists_total", "meshless_control_plane_registry_objects"];
  expect(await linesOf()).toEqual(names.map((name) => `${name} 1`));
  lists = 7;
  expect(await linesOf()).toEqual(names.map((name) => `${name} 7`));
});
