import type { ScaleContinuousNumeric } from "d3-scale";
import type { Content, Markup } from "./html.ts";
import { html } from "./html.ts";

/** The size of a picture in its own units: small, so that its letters are readable on a phone. */
const WIDTH = 460;
const HEIGHT = 290;

/** Where the plot is within the picture. */
export const PLOT = { left: 50, right: WIDTH - 12, top: 22, bottom: HEIGHT - 40 } as const;

export type Scale = ScaleContinuousNumeric<number, number>;

export interface Axis {
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
  readonly label: string;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/**
 * A picture with two axes.
 *
 * @param title what it shows, for those who can't see it
 */
export function frame(title: string, x: Axis, y: Axis, ...inside: readonly Content[]): Markup {
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${yAxis(y)}${xAxis(x)}${inside}</svg>`;
}

function xAxis({ scale, ticks, label }: Axis): Markup {
  const marks = ticks.map(({ at, text }) => {
    const x = rounded(scale(at));
    return html`<path class="grid" d="M${x} ${PLOT.top}V${PLOT.bottom}"/><text x="${x}" y="${PLOT.bottom + 15}" text-anchor="middle">${text}</text>`;
  });
  return html`${marks}<text class="label" x="${PLOT.right}" y="${HEIGHT - 6}" text-anchor="end">${label}</text>`;
}

function yAxis({ scale, ticks, label }: Axis): Markup {
  const marks = ticks.map(({ at, text }) => {
    const y = rounded(scale(at));
    return html`<path class="grid" d="M${PLOT.left} ${y}H${PLOT.right}"/><text x="${PLOT.left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`;
  });
  return html`${marks}<text class="label" x="0" y="${PLOT.top - 9}">${label}</text>`;
}

export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
