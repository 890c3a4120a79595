import { checkout, openWatchedPlane } from "../test/control-plane/watched-plane.ts";
import { hasChromium, startBrowser } from "../test/debug/browser.ts";
import { failing, openShop, slow } from "../test/debug/shop.ts";

/** Long enough for charts that show something, in ms. */
const watchMs = 75_000;

/** Writes the pictures of a client's page that the documentation has, of a run of its own. */
async function takeClientsPictures(): Promise<void> {
  await using shop = await openShop({ servers: 30, clients: 1, callsPerSecond: 150 });
  await using browser = await startBrowser();
  const looks = (["light", "dark"] as const).map(async (scheme) => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1050 }, colorScheme: scheme });
    await page.goto(shop.page.url);
    await page.waitForTimeout(watchMs);
    if (scheme === "dark") await page.locator(`tr[data-endpoint="${slow}"]`).click();
    await page.locator(`tr[data-endpoint="${failing}"] .badge`).waitFor();
    await page.screenshot({ path: `docs/images/debug-page-${scheme}.jpg`, quality: 80 });
  });
  await Promise.all(looks);
}

/** The same of a control plane, with a service open. */
async function takePlanesPicture(): Promise<void> {
  await using plane = await openWatchedPlane(30);
  await using browser = await startBrowser();
  await plane.report(checkout, "eu-1a", 9_980n, 20n);
  await plane.report(checkout, "eu-1b", 7_310n, 0n);
  const page = await browser.newPage({ viewport: { width: 1440, height: 1050 }, colorScheme: "light" });
  await page.goto(plane.admin);
  await page.locator(`tr[data-service="${checkout}"]`).click();
  await page.locator("tr[data-endpoint]").first().waitFor();
  await page.screenshot({ path: "docs/images/control-plane-page.jpg", quality: 80 });
}

if (!hasChromium) {
  console.error("MISSING Chromium: `npm run peers` installs it");
  process.exit(1);
}
const pictures = { client: takeClientsPictures, "control-plane": takePlanesPicture };
for (const [name, take] of Object.entries(pictures)) if (process.argv.length < 3 || process.argv.includes(name)) await take();
