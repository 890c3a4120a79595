import type { ComponentChildren } from "preact";
import { nothing } from "./format.ts";
import type { Tone } from "./standing.ts";

export interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly unit?: string;
  readonly tone?: Tone;
  readonly title?: string;
  /** Drawn below the value. */
  readonly spark?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** One figure of those above all. */
export function Tile({ name, value, unit, tone = "muted", title, spark, children }: TileProps) {
  return (
    <div class={`tile ${tone}`} title={title}>
      <h2>{name}</h2>
      <p class="value" data-tile={name}>
        {value}
        {value !== nothing && unit !== undefined && <small>{unit}</small>}
      </p>
      {spark}
      {children !== undefined && <p class="note">{children}</p>}
    </div>
  );
}

/** Below 1 % of failures is a mishap, beyond 10 % an outage: as Kiali has it. */
export function toneOfSuccess(share: number | undefined): Tone {
  if (share === undefined) return "muted";
  if (share > 0.999) return "good";
  return share > 0.9 ? "warn" : "bad";
}
