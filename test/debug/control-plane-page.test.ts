import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlaneSnapshot } from "../../control-plane/src/admin/plane-snapshot.ts";
import { cart, checkout, checkoutOf, mail, openWatchedPlane, reason } from "../control-plane/watched-plane.ts";
import { use } from "../support/use.ts";
import { hasChromium, startBrowser } from "./browser.ts";
import { busyOf, cellsOf, openPage } from "./tested-page.ts";

/** The machine may have other work. */
const patient = { timeout: 20_000 };

describe.skipIf(!hasChromium)("in Chromium, the page of a control plane", { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  async function open(size: number) {
    const plane = use(await openWatchedPlane(size));
    return { plane, ...(await openPage<PlaneSnapshot>(browser, plane.admin)) };
  }

  it("shows services with their endpoints, zones, clusters and clients, and who refuses what and why", async () => {
    const { plane, page } = await open(30);
    await plane.report(checkout, "eu-1a", 95n, 5n);
    await page.locator(`tr[data-service="${checkout}"][data-standing="refused by 1"]`).waitFor();
    await expect.poll(async () => (await cellsOf(page, "data-service")).get(checkout)?.Success, patient).toBe("95.0 %");
    expect(await cellsOf(page, "data-service")).toMatchObject(
      new Map([
        [
          checkout,
          {
            Endpoints: "28, 1 draining, 1 unhealthy",
            Zones: "eu-1a 10, eu-1b 10, eu-1c 10",
            Clusters: "own 27, west 3",
            "Falls back on": cart,
            Clients: "3",
            State: expect.stringContaining("refused by 1"),
          },
        ],
        [mail, { Endpoints: "0", State: expect.stringContaining("no endpoints") }],
        [cart, { Endpoints: "2", Clients: "1", State: expect.stringContaining("current") }],
      ]),
    );
    const clients = [...(await cellsOf(page, "data-client")).values()];
    expect(clients.map(({ Client, State, Why }) => [Client, State?.slice(1), Why])).toEqual([
      ["report-0", "refused (NACK)", reason],
      ["storefront-7f9c", "accepted (ACK)", "–"],
      ["storefront-b21d", "accepted (ACK)", "–"],
    ]);
    await page.getByText("Endpoints refused: 1.").waitFor();
    const tiles = Object.fromEntries(
      await page.locator("[data-tile]").evaluateAll((all) => all.map((tile) => [tile.getAttribute("data-tile"), tile.textContent])),
    );
    expect(tiles).toMatchObject({ Services: "3", Endpoints: "32", Streams: "3", Refusing: "1", Behind: "0" });
  });

  it("shows of a service that is opened its endpoints, what is reported of its zones, and who has which version", async () => {
    const { plane, page, latest } = await open(30);
    await plane.report(checkout, "eu-1b", 10n, 0n);
    await page.locator(`tr[data-service="${checkout}"]`).click();
    await page.locator("tr[data-endpoint]").first().waitFor();
    const endpoints = await cellsOf(page, "data-endpoint");
    expect([...endpoints.keys()].sort()).toEqual(
      (checkoutOf(30).endpoints ?? []).map((endpoint) => (endpoint as { id: string }).id).sort(),
    );
    expect(endpoints.get("checkout-5")).toMatchObject({
      Zone: "eu-1b",
      Health: expect.stringContaining("draining"),
      Address: "10.0.0.5:8080",
    });
    expect(endpoints.get("checkout-10")).toMatchObject({ Cluster: "west" });
    await page.locator("tr[data-load-zone='eu-1b']").waitFor();
    const version = latest().service?.version.slice(0, 8);
    expect([...(await cellsOf(page, "data-client")).values()].map(({ Version }) => Version)).toEqual([version, version, version]);
    plane.registry.set(checkout, checkoutOf(29));
    await expect.poll(async () => (await cellsOf(page, "data-endpoint")).size, patient).toBe(29);
    await expect.poll(() => page.locator("[data-tile='Propagation p99']").textContent(), patient).toMatch(/\d (ms|s)$/);
  });

  it("can be used by keyboard alone", async () => {
    const { page } = await open(6);
    await page.keyboard.press("/");
    await page.keyboard.type("cart");
    await expect.poll(() => page.locator("tr[data-service]").count(), patient).toBe(1);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("tr[data-service]").count(), patient).toBe(3);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("tr[data-service][aria-expanded=true]").waitFor();
    await page.locator("tr[data-endpoint]").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator("tr[data-endpoint]").first().waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  });

  it("shows 400 endpoints of a service each second, with 30 % of a core at most", async () => {
    const { page } = await open(400);
    await page.locator(`tr[data-service="${checkout}"]`).click();
    await page.locator("tr[data-endpoint]").first().waitFor();
    expect(await page.locator("tr[data-endpoint]").count()).toBeLessThan(120);
    const measure = await busyOf(page);
    const measured = [await measure(), await measure()];
    console.log(`busy ${measured.map(({ busyMs, lastedMs }) => `${Math.round(busyMs)} of ${Math.round(lastedMs)} ms`).join(", ")}`);
    expect(Math.min(...measured.map(({ busyMs }) => busyMs / 5_000))).toBeLessThan(0.3);
  });
});
