import type { EndpointSnapshot } from "meshless";
import type { Paint, Tone } from "./environment.ts";
import { span } from "./words.ts";

const tones: Readonly<Record<EndpointSnapshot["standing"], Tone>> = {
  sound: "good",
  unreachable: "bad",
  ejected: "bad",
  probing: "warn",
  overloaded: "warn",
  full: "warn",
  unhealthy: "bad",
  draining: "warn",
  connecting: "muted",
};

/** An endpoint's standing in a few words. */
export function standingText({ standing, eligible, slowStartShare, ejectedForMs }: EndpointSnapshot, paint: Paint): string {
  if (standing === "ejected" && ejectedForMs !== undefined) return paint("bad", `ejected ${span(ejectedForMs)}`);
  if (standing !== "sound") return paint(tones[standing], standing);
  if (slowStartShare !== undefined) return paint("info", `slow start ${Math.round(slowStartShare * 100)} %`);
  return eligible ? paint("good", "sound") : paint("muted", "fallback");
}
