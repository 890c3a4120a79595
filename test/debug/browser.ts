import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { findPeer } from "../../scripts/peers.ts";

export const hasChromium: boolean = findPeer("chromium") !== undefined;

/** Debian's Chromium. Every name that ends in `.example` leads to this machine, as somebody's DNS might have it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: join(findPeer("chromium") ?? "", "chromium"),
    args: ["--no-sandbox", "--host-resolver-rules=MAP *.example 127.0.0.1"],
  });
}
