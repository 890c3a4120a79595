import { createServer } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createControlPlane } from "../../control-plane/src/create-control-plane.ts";
import { memoryRegistry } from "../../control-plane/src/registry/memory-registry.ts";
import { count, milliseconds, percent, span } from "../../page/src/format.ts";
import { type DebugSnapshot, serveDebugPage } from "../../src/debug/index.ts";
import type { BalancedTransport } from "../../src/index.ts";
import { readyClient } from "../support/balanced-client.ts";
import { startEchoServer } from "../support/echo-server.ts";
import { listenOnLoopback } from "../support/listen.ts";
import { use } from "../support/use.ts";
import { hasChromium, startBrowser } from "./browser.ts";
import { draining, failing, openShop, type Shop, type ShopOptions, slow, zones } from "./shop.ts";
import { busyOf, cellsOf, openPage, type TestedPage } from "./tested-page.ts";

if (!hasChromium) console.error("\nMISSING Chromium: the page is not tested in a browser; `npm run peers` installs it\n");

/** The machine may have other work. */
const patient = { timeout: 20_000 };

interface Opened extends TestedPage<DebugSnapshot> {
  readonly shop: Shop;
}

describe.skipIf(!hasChromium)("in Chromium, the page", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  async function open(options: ShopOptions): Promise<Opened> {
    const shop = use(await openShop(options));
    return { shop, ...(await openPage<DebugSnapshot>(browser, shop.page.url)) };
  }

  const standingOf = (page: Page, id: string, standing: string) =>
    page.locator(`tr[data-endpoint="${id}"][data-standing="${standing}"]`).waitFor();

  it("says of 30 endpoints of 3 clients what inspect() says: of one that is slow, one that is ejected, one that drains", async () => {
    const { shop, page, latest } = await open({ servers: 30, clients: 3, callsPerSecond: 80 });
    for (const [place, transport] of shop.transports.entries()) {
      await page.getByLabel("Which transport is shown").selectOption(String(place));
      await standingOf(page, failing, "ejected");
      await expect.poll(() => page.locator(`[data-endpoint="${slow}"] [data-column=p50]`).textContent(), patient).not.toBe("–");
      await page.keyboard.press("p");
      const cells = await cellsOf(page, "data-endpoint");
      expectInspected(cells, transport);
      expectShown(cells, latest());
      await page.keyboard.press("p");
    }
    expect(await page.locator(`[data-endpoint="${draining}"] .badge`).textContent()).toContain("draining");
    expect(await page.locator("[data-tile='Sound endpoints']").textContent()).toBe("28 of 30");
  });

  /** What does not change from moment to moment. */
  function expectInspected(cells: Awaited<ReturnType<typeof cellsOf>>, transport: BalancedTransport): void {
    const { endpoints } = transport.inspect();
    expect([...cells.keys()].sort()).toEqual(endpoints.map(({ endpoint }) => endpoint.id).sort());
    for (const { endpoint, standing } of endpoints) {
      expect(cells.get(endpoint.id)).toMatchObject({
        Zone: endpoint.locality?.zone,
        Weight: String(endpoint.weight),
        Standing: expect.stringContaining(standing),
      });
    }
  }

  function expectShown(cells: Awaited<ReturnType<typeof cellsOf>>, { transport }: DebugSnapshot): void {
    for (const { endpoint, inFlight, traffic, report } of transport?.endpoints ?? []) {
      expect(cells.get(endpoint.id)).toMatchObject({
        "In flight": count(inFlight),
        Share: percent(traffic.share),
        p50: milliseconds(traffic.p50Ms),
        p99: milliseconds(traffic.p99Ms),
        Success: percent(traffic.successShare),
        ...(report !== undefined && { "It reports": expect.stringContaining(percent(report.utilization, 0)) }),
      });
    }
  }

  it("tells of a zone that is lost, of panic, and of a source that is silent, and for how long", async () => {
    const { shop, page } = await open({ servers: 12, clients: 1, callsPerSecond: 50 });
    for (const server of shop.servers.filter((_, index) => index % zones.length > 0)) await server.kill();
    await expect.poll(() => page.locator(`tr[data-standing="unreachable"]`).count(), patient).toBe(8);
    await page.getByText("Panic.").waitFor();
    shop.source.error(new Error("control plane: connection refused"));
    await page.getByText(/^stale for [\d.]+ s/).waitFor();
    await page.getByText("The last good set stays in force. control plane: connection refused").waitFor();
    expect(await page.locator(".events").textContent()).toMatch(/unreachable: /);
    shop.source.update(shop.endpoints);
    await page.getByText("its last word stands").waitFor();
  });

  it("says that the control plane has stopped, and for how long, as inspect() does; calls go on", async () => {
    const endpoints = await Promise.all(zones.map(async (zone) => ({ ...(await addressOf()), zone })));
    const registry = memoryRegistry({ "checkout.shop:8080": { endpoints } });
    const plane = use(createControlPlane({ registry, allowAddresses: ["127.0.0.0/8"] }));
    const xds = { controlPlane: `127.0.0.1:${await plane.listen("127.0.0.1:0")}`, allowAddresses: ["127.0.0.0/8"] };
    const { transport, client } = await readyClient("xds:///checkout.shop:8080", { discovery: { xds } });
    const served = use(await serveDebugPage({ transports: [transport], port: 0 }));
    const { page, latest } = await openPage<DebugSnapshot>(browser, served.url);
    const tile = page.locator("[data-tile='Control plane']");
    await expect.poll(() => tile.textContent(), patient).toBe("live");
    await plane.close();
    await expect.poll(() => latest().transport?.sourceErrorForMs ?? 0, patient).toBeGreaterThan(1_000);
    await page.keyboard.press("p");
    const { sourceErrorForMs = Number.NaN, sourceError = "" } = transport.inspect();
    const shownMs = latest().transport?.sourceErrorForMs ?? Number.NaN;
    expect(await tile.textContent()).toBe(`stale for ${span(shownMs)}`);
    // What is shown is as old as the snapshot, at most.
    expect(shownMs).toBeLessThanOrEqual(sourceErrorForMs);
    expect(shownMs).toBeGreaterThan(sourceErrorForMs - 5_000);
    await page.getByText(`Endpoints are ${span(shownMs)} stale.`).waitFor();
    expect(await page.locator(".banners").textContent()).toContain(latest().transport?.sourceError);
    expect(sourceError).not.toBe("");
    await client.echo({});
    expect(await page.locator("[data-tile='Sound endpoints']").textContent()).toBe("3 of 3");
  });

  async function addressOf() {
    return { address: "127.0.0.1", port: use(await startEchoServer()).port };
  }

  it("shows what is left of the budget for repeats", async () => {
    const { shop, page, latest } = await open({ servers: 3, clients: 1, callsPerSecond: 50 });
    await expect.poll(() => latest().transport?.traffic.callsPerSecond ?? 0, patient).toBeGreaterThan(10);
    await page.keyboard.press("p");
    const { repeats, allowed } = latest().transport?.retryBudget ?? expect.fail("no budget");
    expect(await page.locator("[data-tile='Retry budget']").textContent()).toBe(percent(1 - repeats / allowed, 0));
    expect(allowed).toBeGreaterThan(10);
    expect(shop.transports[0]?.inspect().retryBudget.refused).toBe(0);
  });

  it("says so when its process has ended, and keeps what it showed", async () => {
    const { shop, page } = await open({ servers: 3, clients: 1, callsPerSecond: 10 });
    await shop.page.close();
    await page.getByText("The process does not answer.").waitFor();
    expect(await page.locator("tr[data-endpoint]").count()).toBe(3);
  });

  it("can be used by keyboard alone", async () => {
    const { page } = await open({ servers: 30, clients: 1, callsPerSecond: 20 });
    await page.keyboard.press("/");
    await page.keyboard.type("eu-1c checkout-1");
    await expect.poll(() => page.locator("tr[data-endpoint]").count(), patient).toBe(3);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("tr[data-endpoint]").count(), patient).toBe(30);
    for (const key of ["j", "j", "k", "Enter"]) await page.keyboard.press(key);
    await page.locator(".details").getByText("From discovery").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".details").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    const schemeOf = () => page.evaluate("getComputedStyle(document.documentElement).colorScheme");
    const before = await schemeOf();
    await page.keyboard.press("t");
    expect(await schemeOf()).not.toBe(before);
    await page.getByRole("button", { name: "Share" }).press("Enter");
    await page.locator("th[aria-sort=descending]").getByText("Share").waitFor();
  });

  it("is nobody else's to read: neither another site, nor a name that was made to lead here", async () => {
    const { shop, page } = await open({ servers: 1, clients: 1, callsPerSecond: 1 });
    const rebound = await browser.newPage();
    use({ [Symbol.asyncDispose]: () => rebound.close() });
    expect((await rebound.goto(`http://evil.example:${shop.page.port}/`))?.status()).toBe(403);
    const site = createServer((_, response) => response.setHeader("content-type", "text/html").end("<p>a site"));
    await rebound.goto(`http://site.example:${await listenOnLoopback(site)}/`);
    const read = (mode: string) =>
      rebound.evaluate(
        `fetch("${shop.page.url}snapshot.json", { mode: "${mode}" }).then((answer) => answer.text(), (error) => error.name)`,
      );
    expect([await read("cors"), await read("no-cors")]).toEqual(["TypeError", "TypeError"]);
    const framed = rebound.evaluate(`new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.onload = () => resolve(frame.contentDocument);
      frame.src = "${shop.page.url}";
      document.body.append(frame);
    })`);
    expect(await framed).toBeNull();
    expect(await rebound.frames()[1]?.content()).not.toContain("data-endpoint");
    await rebound.close();
    site.close();
    expect(await page.evaluate("fetch('snapshot.json').then(({ status }) => status)")).toBe(200);
  });

  it("follows 400 endpoints each second, with 30 % of a core at most", async () => {
    const { page, latest } = await open({ servers: 10, size: 400, clients: 1, callsPerSecond: 100 });
    const measure = await busyOf(page);
    await page.waitForResponse(/snapshot\.json/);
    // A machine that has other work at the moment takes longer for the same.
    const measured = [await measure(), await measure(), await measure()];
    console.log(`busy ${measured.map(({ busyMs, lastedMs }) => `${Math.round(busyMs)} of ${Math.round(lastedMs)} ms`).join(", ")}`);
    expect(latest().transport?.endpoints).toHaveLength(400);
    // A second each, though the machine be slow.
    expect(Math.min(...measured.map(({ busyMs }) => busyMs / 5_000))).toBeLessThan(0.3);
    expect(Math.min(...measured.map(({ lastedMs }) => lastedMs))).toBeLessThan(7_500);
  });
});
