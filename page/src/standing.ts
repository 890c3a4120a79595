import type { DebuggedEndpoint } from "../../src/debug/debug-snapshot.ts";
import { span } from "./format.ts";

/** How much attention something asks for. Told by shape and word too, not by colour alone. */
export type Tone = "good" | "info" | "muted" | "warn" | "bad";

export interface Badge {
  readonly tone: Tone;
  readonly icon: string;
  readonly text: string;
  /** The worse, the higher. */
  readonly rank: number;
}

/** An endpoint's standing in a few words. */
export function badgeOf({ standing, eligible, slowStartShare, ejectedForMs, endpoint }: DebuggedEndpoint): Badge {
  switch (standing) {
    case "unreachable":
      return { tone: "bad", icon: "✕", text: "unreachable", rank: 9 };
    case "ejected":
      return { tone: "bad", icon: "▲", text: ejectedForMs === undefined ? "ejected" : `ejected ${span(ejectedForMs)}`, rank: 8 };
    case "probing":
      return { tone: "warn", icon: "◔", text: "probing", rank: 7 };
    case "overloaded":
      return { tone: "warn", icon: "◆", text: "overloaded", rank: 6 };
    case "full":
      return { tone: "warn", icon: "■", text: "full", rank: 6 };
    case "unhealthy":
      return { tone: "bad", icon: "✕", text: "unhealthy", rank: 5 };
    case "draining":
      return { tone: "warn", icon: "↘", text: "draining", rank: 4 };
    case "connecting":
      return { tone: "muted", icon: "…", text: "connecting", rank: 3 };
    case "sound":
      if (slowStartShare !== undefined)
        return { tone: "info", icon: "◑", text: `slow start ${Math.round(slowStartShare * 100)} %`, rank: 2 };
      if (!eligible) return { tone: "muted", icon: "○", text: `fallback ${endpoint.priority}`, rank: 1 };
      return { tone: "good", icon: "●", text: "sound", rank: 0 };
  }
}
