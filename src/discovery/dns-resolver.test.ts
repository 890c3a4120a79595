import { createSocket, type Socket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemResolver } from "./dns-resolver.ts";
import { dnsSource } from "./dns-source.ts";
import type { EndpointUpdate } from "./endpoint-source.ts";

const noError = 0;
const serverFailure = 2;
const nameError = 3;
const typeSrv = 33;

/** Answers a DNS query (RFC 1035) for `_grpc._tcp.good.test` with two SRV records, and other names with what they ask for. */
function answer(query: Buffer): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const name = query.toString("latin1", 12, questionEnd - 5);
  const code = name.includes("servfail") ? serverFailure : name.includes("good") || name.includes("empty") ? noError : nameError;
  const records = name.includes("good") ? [srvRecord(1, 5, 8081, "localhost"), srvRecord(2, 0, 8082, "localhost")] : [];
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, query.subarray(12, questionEnd), ...records]);
}

function srvRecord(priority: number, weight: number, port: number, target: string): Buffer {
  const labels = target.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const data = Buffer.concat([uint16s(priority, weight, port), ...labels, Buffer.from([0])]);
  const nameOfTheQuestion = 0xc00c;
  return Buffer.concat([uint16s(nameOfTheQuestion, typeSrv, 1, 0, 60, data.length), data]);
}

function uint16s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2));
  return bytes;
}

let server: Socket;
let resolver = systemResolver();

beforeAll(async () => {
  server = createSocket("udp4");
  server.on("message", (query, from) => server.send(answer(query), from.port, from.address));
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const srv = new Resolver({ timeout: 1_000, tries: 2 });
  srv.setServers([`127.0.0.1:${server.address().port}`]);
  resolver = systemResolver(srv);
});

afterAll(() => void server.close());

test("looks up localhost through the system", async () => {
  expect(await resolver.lookup("localhost")).toContain("127.0.0.1");
});

test("reads SRV records from a server", async () => {
  const records = await resolver.resolveSrv("_grpc._tcp.good.test");
  expect(records.map(({ priority, weight, port, name }) => [priority, weight, port, name])).toEqual([
    [1, 5, 8081, "localhost"],
    [2, 0, 8082, "localhost"],
  ]);
});

test.each([
  ["_grpc._tcp.missing.test", "ENOTFOUND"],
  ["_grpc._tcp.empty.test", "ENODATA"],
  ["_grpc._tcp.servfail.test", "ESERVFAIL"],
])("%s fails with %s", async (name, code) => {
  await expect(resolver.resolveSrv(name)).rejects.toMatchObject({ code });
});

test("a source turns SRV into endpoints", async () => {
  const { promise, resolve, reject } = Promise.withResolvers<EndpointUpdate>();
  const watch = dnsSource({ resolver, family: 4 }).watch("_grpc._tcp.good.test", { onUpdate: resolve, onError: reject });
  const { endpoints } = await promise.finally(() => watch.close());
  expect(endpoints?.map(({ id, priority, weight }) => [id, priority, weight])).toEqual([
    ["127.0.0.1:8081", 0, 5],
    ["127.0.0.1:8082", 1, 1],
  ]);
});

test.each([
  ["_grpc._tcp.missing.test", "not found (ENOTFOUND)"],
  ["_grpc._tcp.servfail.test", "could not be looked up (ESERVFAIL)"],
])("a source tells what became of %s", async (name, told) => {
  const { promise, resolve, reject } = Promise.withResolvers<Error>();
  const watch = dnsSource({ resolver }).watch(name, { onUpdate: () => reject(new Error("an update")), onError: resolve });
  const { message } = await promise.finally(() => watch.close());
  expect(message).toContain(`dns: SRV ${name} ${told}; `);
});
