import type { Setting } from "../../service-config.ts";

/** What code sets, else what discovery says, else the default. */
export function settingOf(code: unknown, discovered: unknown, byDefault: unknown): Setting {
  if (code !== undefined) return { value: plain(code), from: "code" };
  return discovered !== undefined ? { value: plain(discovered), from: "discovery" } : { value: plain(byDefault), from: "default" };
}

/** A copy that survives JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "function" ? "a function" : part)));
}
