import { setImmediate as afterIo } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { manualClock } from "../testing/manual-clock.ts";
import type { DnsResolver, SrvRecord } from "./dns-resolver.ts";
import { type DnsSourceOptions, dnsSource } from "./dns-source.ts";
import type { EndpointObserver, Watch } from "./endpoint-source.ts";

type Answer<T> = readonly T[] | string | Promise<readonly T[]>;

/** A DNS whose answers the test sets: a list, an error's code, or a promise that the test settles. */
class ScriptedDns implements DnsResolver {
  readonly hosts = new Map<string, Answer<string>>();
  readonly srv = new Map<string, Answer<SrvRecord>>();
  /** When each look-up of a host began. */
  readonly askedAtMs: number[] = [];
  open = 0;
  mostOpen = 0;

  async lookup(host: string): Promise<readonly string[]> {
    this.askedAtMs.push(clock.now() - startMs);
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    try {
      return await reply(this.hosts.get(host));
    } finally {
      this.open--;
    }
  }

  resolveSrv(name: string): Promise<readonly SrvRecord[]> {
    return reply(this.srv.get(name));
  }
}

async function reply<T>(answer: Answer<T> = "ENOTFOUND"): Promise<readonly T[]> {
  if (typeof answer !== "string") return answer;
  throw Object.assign(new Error(`query failed: ${answer}`), { code: answer });
}

let clock = manualClock();
let startMs = 0;
let dns = new ScriptedDns();
let told: string[] = [];

beforeEach(() => {
  clock = manualClock();
  startMs = clock.now();
  dns = new ScriptedDns();
  told = [];
});

const observer: EndpointObserver = {
  onUpdate: ({ endpoints = [] }) => told.push(endpoints.map(({ id }) => id).join(" ")),
  onError: (error) => told.push(error.message),
};

async function watch(target: string, options: DnsSourceOptions = {}, listener = observer): Promise<Watch> {
  const running = dnsSource({ resolver: dns, clock, random: () => 0.5, ...options }).watch(target, listener);
  await afterIo();
  return running;
}

async function advance(ms: number): Promise<void> {
  clock.advance(ms);
  await afterIo();
}

test("tells the addresses of a host in a fixed order, and again only when they change", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.2", "10.0.0.1", "10.0.0.2", "fd00::1"]);
  await watch("checkout.shop:80");
  dns.hosts.set("checkout.shop", ["fd00::1", "10.0.0.1", "10.0.0.2"]);
  await advance(30_000);
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.3"]);
  await advance(30_000);
  expect(dns.askedAtMs).toEqual([0, 30_000, 60_000]);
  expect(told).toEqual(["10.0.0.1:80 10.0.0.2:80 [fd00::1]:80", "10.0.0.1:80 10.0.0.3:80"]);
});

test("the observer is not called before watch returned", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  dnsSource({ resolver: dns, clock }).watch("checkout.shop:80", observer);
  expect(told).toEqual([]);
  await afterIo();
  expect(told).toHaveLength(1);
});

test("look-ups of good answers are spread by a tenth", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  await watch("checkout.shop:80", { refreshIntervalMs: 1_000, random: () => 0 });
  await advance(900);
  expect(dns.askedAtMs).toEqual([0, 900]);
});

test("an IP address passes through without a look-up", async () => {
  await watch("10.0.0.1:80");
  await watch("[fd00::1]:80");
  await advance(600_000);
  expect(told).toEqual(["10.0.0.1:80", "[fd00::1]:80"]);
  expect(dns.askedAtMs).toEqual([]);
});

test("a bad name is refused at once", () => {
  expect(() => dnsSource({ resolver: dns, clock }).watch("checkout.shop", observer)).toThrow(/^dns: checkout\.shop has no port; write dns/);
});

test("before the first good answer a failure is an error and never an empty set", async () => {
  await watch("checkout.shop:80");
  dns.hosts.set("checkout.shop", []);
  await advance(1_000);
  dns.hosts.set("checkout.shop", "EAI_AGAIN");
  await advance(1_600);
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  await advance(2_560);
  expect(told).toEqual([
    "dns: checkout.shop not found (ENOTFOUND); is the Service name right, and headless (clusterIP: None)?",
    "dns: checkout.shop has no records (ENODATA); is the Service name right, and headless (clusterIP: None)?",
    "dns: checkout.shop could not be looked up (EAI_AGAIN); is the DNS server reachable?",
    "10.0.0.1:80 10.0.0.2:80",
  ]);
});

test.each(["ENOTFOUND", "EAI_AGAIN", []])("the last good set stays on %j, and a lasting failure is told once", async (answer) => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  await watch("checkout.shop:80");
  dns.hosts.set("checkout.shop", answer);
  await advance(30_000);
  await advance(1_000);
  await advance(1_600);
  expect(dns.askedAtMs).toEqual([0, 30_000, 31_000, 32_600]);
  expect(told).toEqual(["10.0.0.1:80 10.0.0.2:80", expect.stringMatching(/^dns: checkout\.shop .+ \(keeping the last good set of 2\)$/)]);
});

test("backoff grows to the refresh interval, and starts anew after a good answer", async () => {
  await watch("checkout.shop:80", { refreshIntervalMs: 3_000 });
  for (const delayMs of [1_000, 1_600, 2_560, 3_000, 3_000]) await advance(delayMs);
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  await advance(3_000);
  dns.hosts.delete("checkout.shop");
  await advance(3_000);
  await advance(1_000);
  expect(dns.askedAtMs).toEqual([0, 1_000, 2_600, 5_160, 8_160, 11_160, 14_160, 17_160, 18_160]);
});

test("a late look-up is told once, is not doubled, and its answer counts", async () => {
  const answer = Promise.withResolvers<readonly string[]>();
  dns.hosts.set("checkout.shop", answer.promise);
  const running = await watch("checkout.shop:80", { timeoutMs: 2_000 });
  await advance(1_999);
  expect(told).toEqual([]);
  await advance(1);
  running.refresh();
  await advance(60_000);
  const late = "dns: checkout.shop is not answered after 2000 ms; is the DNS server reachable?";
  expect(told).toEqual([late]);
  answer.resolve(["10.0.0.1", "10.0.0.2"]);
  await afterIo();
  expect(told).toEqual([late, "10.0.0.1:80 10.0.0.2:80"]);
  await advance(30_000);
  expect(dns.askedAtMs).toEqual([0, 92_000]);
  expect(dns.mostOpen).toBe(1);
});

test("a late look-up that fails is told once, and tried again", async () => {
  const answer = Promise.withResolvers<readonly string[]>();
  dns.hosts.set("checkout.shop", answer.promise);
  await watch("checkout.shop:80");
  await advance(5_000);
  answer.reject(new Error("gave up"));
  await afterIo();
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  await advance(1_000);
  expect(told).toEqual(["dns: checkout.shop is not answered after 5000 ms; is the DNS server reachable?", "10.0.0.1:80 10.0.0.2:80"]);
});

test("hints bring the next look-up forward, to the least interval and no further", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  const running = await watch("checkout.shop:80");
  running.refresh();
  running.refresh();
  await advance(4_999);
  running.refresh();
  expect(dns.askedAtMs).toEqual([0]);
  await advance(1);
  await advance(20_000);
  running.refresh();
  await advance(0);
  expect(dns.askedAtMs).toEqual([0, 5_000, 25_000]);
});

test("the least interval is an option", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2"]);
  const running = await watch("checkout.shop:80", { minRefreshIntervalMs: 100 });
  running.refresh();
  await advance(100);
  expect(dns.askedAtMs).toEqual([0, 100]);
});

test("a hint shortens a long backoff and never lengthens a short one", async () => {
  const running = await watch("checkout.shop:80");
  running.refresh();
  await advance(1_000);
  expect(dns.askedAtMs).toEqual([0, 1_000]);
  for (const delayMs of [1_600, 2_560, 4_096]) await advance(delayMs);
  running.refresh();
  await advance(5_000);
  expect(dns.askedAtMs).toEqual([0, 1_000, 2_600, 5_160, 9_256, 14_256]);
});

test("after close nothing is told and nothing is asked", async () => {
  const answer = Promise.withResolvers<readonly string[]>();
  dns.hosts.set("checkout.shop", answer.promise);
  const running = await watch("checkout.shop:80");
  running.close();
  expect(clock.pending).toBe(0);
  answer.resolve(["10.0.0.1"]);
  await afterIo();
  running.refresh();
  await advance(600_000);
  expect(told).toEqual([]);
  expect(dns.askedAtMs).toEqual([0]);
});

test("an observer may close the watch from its own call", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1"]);
  const source = dnsSource({ resolver: dns, clock });
  const running = source.watch("checkout.shop:80", { ...observer, onUpdate: () => running.close(), onNotice: () => told.push("notice") });
  await afterIo();
  await advance(600_000);
  expect(told).toEqual([]);
  expect(dns.askedAtMs).toEqual([0]);
});

test("only one family, if the user says so", async () => {
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2"]);
  await watch("checkout.shop:80", { family: 4 });
  await watch("checkout.shop:80", { family: 6 });
  expect(told).toEqual(["10.0.0.1:80 10.0.0.2:80", "[fd00::1]:80 [fd00::2]:80"]);
});

test.each([
  ["10.0.0.1", ["10.0.0.1"]],
  ["10.0.0.1 and fd00::1", ["fd00::1", "10.0.0.1"]],
])("a single address, %s, is noticed once", async (shown, addresses) => {
  const notices: unknown[] = [];
  dns.hosts.set("checkout.shop", addresses);
  await watch("checkout.shop:80", {}, { ...observer, onNotice: (notice) => notices.push(notice) });
  dns.hosts.set("checkout.shop", ["10.0.0.9"]);
  await advance(30_000);
  const message =
    `dns: checkout.shop has one address, ${shown}: if it is a ClusterIP, calls cannot be balanced, because the one connection ` +
    "ends at one pod; make the Service headless (clusterIP: None)";
  expect(notices).toEqual([{ code: "single-address", message }]);
});

test("several addresses are nothing to notice", async () => {
  const notices: unknown[] = [];
  dns.hosts.set("checkout.shop", ["10.0.0.1", "10.0.0.2", "fd00::1"]);
  await watch("checkout.shop:80", {}, { ...observer, onNotice: (notice) => notices.push(notice) });
  expect(told).toHaveLength(1);
  expect(notices).toEqual([]);
});

const srvName = "_grpc._tcp.checkout.shop.svc.cluster.local";

test("SRV gives ports, levels and weights, and a target's addresses share its weight", async () => {
  dns.hosts.set("a.shop", ["10.0.0.1"]);
  dns.hosts.set("b.shop", ["10.0.0.2", "fd00::2"]);
  dns.hosts.set("c.shop", ["10.0.0.3"]);
  dns.srv.set(srvName, [
    { name: "c.shop", port: 83, priority: 20, weight: 0 },
    { name: "b.shop", port: 82, priority: 10, weight: 6 },
    { name: "a.shop", port: 81, priority: 10, weight: 4 },
    { name: "a.shop", port: 81, priority: 20, weight: 9 },
  ]);
  const sets: unknown[] = [];
  const onUpdate: EndpointObserver["onUpdate"] = ({ endpoints = [] }) =>
    sets.push(endpoints.map(({ id, address, port, priority, weight }) => [id, address, port, priority, weight]));
  await watch(srvName, {}, { ...observer, onUpdate });
  await advance(30_000);
  expect(sets).toEqual([
    [
      ["10.0.0.1:81", "10.0.0.1", 81, 0, 4],
      ["10.0.0.2:82", "10.0.0.2", 82, 0, 3],
      ["[fd00::2]:82", "fd00::2", 82, 0, 3],
      ["10.0.0.3:83", "10.0.0.3", 83, 1, 1],
    ],
  ]);
});

test("an SRV target that cannot be looked up keeps its addresses, and is told of", async () => {
  dns.hosts.set("a.shop", ["10.0.0.1"]);
  dns.hosts.set("b.shop", ["10.0.0.2"]);
  const records = ["a", "b", "c"].map((host) => ({ name: `${host}.shop`, port: 80, priority: 0, weight: 1 }));
  dns.srv.set(srvName, records);
  await watch(srvName);
  dns.hosts.set("b.shop", "ESERVFAIL");
  dns.hosts.set("c.shop", ["10.0.0.3"]);
  await advance(1_000);
  dns.srv.set(srvName, records.slice(2));
  await advance(1_600);
  expect(told).toEqual([
    "10.0.0.1:80 10.0.0.2:80",
    `dns: 1 of the 3 targets of SRV ${srvName} not found (c.shop: ENOTFOUND); do these hosts exist?`,
    "10.0.0.1:80 10.0.0.2:80 10.0.0.3:80",
    `dns: 1 of the 3 targets of SRV ${srvName} not found (b.shop: ESERVFAIL); do these hosts exist?`,
    "10.0.0.3:80",
  ]);
});

test("an address that is single because the others could not be looked up is nothing to notice", async () => {
  const notices: unknown[] = [];
  dns.hosts.set("a.shop", ["10.0.0.1"]);
  dns.srv.set(
    srvName,
    ["a.shop", "b.shop"].map((name) => ({ name, port: 80, priority: 0, weight: 1 })),
  );
  await watch(srvName, {}, { ...observer, onNotice: (notice) => notices.push(notice) });
  expect(told[0]).toBe("10.0.0.1:80");
  expect(notices).toEqual([]);
});

test("SRV without an answer, without a usable record, or without any address is an error", async () => {
  await watch(srvName);
  dns.srv.set(srvName, [{ name: ".", port: 0, priority: 0, weight: 0 }]);
  await advance(1_000);
  dns.srv.set(srvName, [{ name: "a.shop", port: 80, priority: 0, weight: 0 }]);
  await advance(1_600);
  const hint = "SRV knows no search domains: is the name complete, as in _grpc._tcp.checkout.shop.svc.cluster.local?";
  expect(told).toEqual([
    `dns: SRV ${srvName} not found (ENOTFOUND); ${hint}`,
    `dns: SRV ${srvName} has no records (ENODATA); ${hint}`,
    `dns: 1 of the 1 targets of SRV ${srvName} not found (a.shop: ENOTFOUND); do these hosts exist?`,
  ]);
});
