import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { use } from "../support/use.ts";

export interface TestedPage<Answer> {
  readonly page: Page;
  /** The latest answer that the page had. */
  readonly latest: () => Answer;
}

/** Opens a page for one test. What it complains of in the console fails that test. */
export async function openPage<Answer>(browser: Browser, url: string): Promise<TestedPage<Answer>> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  use({ [Symbol.asyncDispose]: () => page.close() });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  use({ [Symbol.asyncDispose]: async () => expect(complaints.filter((text) => !text.includes("ERR_CONNECTION_REFUSED"))).toEqual([]) });
  let latest: Answer | undefined;
  page.on("response", async (response) => {
    // The page may be closed under it.
    if (response.url().includes("snapshot.json")) latest = await response.json().catch(() => latest);
  });
  await page.goto(url);
  await page.locator("tr[data-row]").first().waitFor();
  return { page, latest: () => latest ?? expect.fail("no answer") };
}

/** The text of each cell of a table, by row and column. @param attribute that has the ids of its rows */
export async function cellsOf(page: Page, attribute: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const rows = await page
    .locator(`tr[${attribute}]`)
    .evaluateAll(
      (all, attribute) =>
        all.map((row) => [
          row.getAttribute(attribute) ?? "",
          Object.fromEntries([...row.querySelectorAll("td")].map((cell) => [cell.getAttribute("data-column"), cell.textContent])),
        ]),
      attribute,
    );
  return new Map(rows as [string, Record<string, string>][]);
}

/** What five snapshots cost the browser, of the time between them. */
export async function busyOf(page: Page): Promise<() => Promise<{ readonly busyMs: number; readonly lastedMs: number }>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const busyS = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  return async () => {
    const startedAtMs = performance.now();
    const before = await busyS();
    for (let snapshot = 0; snapshot < 5; snapshot++) await page.waitForResponse(/snapshot\.json/);
    return { busyMs: ((await busyS()) - before) * 1_000, lastedMs: performance.now() - startedAtMs };
  };
}
