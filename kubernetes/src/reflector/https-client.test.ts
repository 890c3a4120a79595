import { createServer, type RequestListener } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { closeServer, listenOnLoopback } from "../../../test/support/listen.ts";
import { HttpsClient } from "./https-client.ts";
import { wholeText } from "./lines.ts";

/** A client of a server over plain HTTP, and how many connections it took. */
async function clientOf(listener: RequestListener) {
  const server = createServer(listener);
  let connections = 0;
  server.on("connection", () => connections++);
  const port = await listenOnLoopback(server);
  onTestFinished(async () => {
    server.closeAllConnections();
    await closeServer(server);
  });
  const renewals: boolean[] = [];
  const client = new HttpsClient(async (renews) => {
    renewals.push(renews);
    return { server: `http://127.0.0.1:${port}/prefix/`, headers: { Authorization: "Bearer x" }, tls: {} };
  });
  return { client, renewals, connections: () => connections };
}

const request = { path: "/api/v1/services", query: { limit: "500" }, accept: "application/json", renewsCredentials: false };

test("requests that follow each other share a connection, and carry the credentials", async () => {
  const { client, connections, renewals } = await clientOf(({ url, headers }, response) =>
    response.end(`${url} ${headers.authorization} ${headers.accept}`),
  );
  const controller = new AbortController();
  for (let count = 0; count < 20; count++) {
    const { status, body } = await client.get({ ...request, renewsCredentials: count > 18, signal: controller.signal });
    expect([status, await wholeText(body, 1_000)]).toEqual([200, "/prefix/api/v1/services?limit=500 Bearer x application/json"]);
  }
  expect(connections()).toBe(1);
  expect(renewals.filter(Boolean)).toHaveLength(1);
});

test("what is to be created is sent as JSON, with the credentials", async () => {
  const { client } = await clientOf(async (request, response) => {
    const { method, headers } = request;
    response.end(`${method} ${headers["content-type"]} ${headers.authorization} ${Buffer.concat(await Array.fromAsync(request))}`);
  });
  const { body } = await client.post({ ...request, signal: new AbortController().signal }, { kind: "TokenReview", spec: { token: "é" } });
  expect(await wholeText(body, 1_000)).toBe('POST application/json Bearer x {"kind":"TokenReview","spec":{"token":"é"}}');
});

test("what the server says of its overload is read", async () => {
  const { client } = await clientOf((_, response) => response.writeHead(429, { "retry-after": "7" }).end());
  expect(await client.get({ ...request, signal: new AbortController().signal })).toMatchObject({ status: 429, retryAfterMs: 7_000 });
});

test("the signal ends a request that is not answered, and a body that does not end", async () => {
  const { client } = await clientOf(({ url }, response) => {
    if (!url?.includes("silent")) response.write("begun\n");
  });
  const silent = new AbortController();
  const answered = client.get({ ...request, path: "/silent", signal: silent.signal });
  silent.abort();
  await expect(answered).rejects.toThrow(/abort/i);
  const endless = new AbortController();
  const { body } = await client.get({ ...request, signal: endless.signal });
  const chunks = body[Symbol.asyncIterator]();
  expect((await chunks.next()).done).toBe(false);
  endless.abort();
  await expect(chunks.next()).rejects.toThrow(/abort/i);
});

test("a body that nobody reads when it is given up does no harm", async () => {
  const { client } = await clientOf((_, response) => void response.write("begun\n"));
  const controller = new AbortController();
  await client.get({ ...request, signal: controller.signal });
  controller.abort();
  await new Promise((resolve) => setImmediate(resolve));
});
