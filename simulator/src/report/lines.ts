import { line } from "d3-shape";
import type { Point } from "./curves.ts";
import type { Axis } from "./frame.ts";
import { html, type Markup } from "./html.ts";
import type { Looks } from "./looks.ts";

/** Curves by the name of who they belong to. */
export type Curves = ReadonlyMap<string, readonly Point[]>;

/** A line for each curve; the first contender's lies beneath, the policy that the report is about on top. */
export function lines(curves: Curves, x: Axis, y: Axis, looks: Looks, focus: string): readonly Markup[] {
  const path = line<Point>(
    (point) => x.scale(point.x),
    (point) => y.scale(point.y),
  ).digits(1);
  const drawn = [...curves].filter(([, points]) => points.length > 0).sort(([a], [b]) => Number(a === focus) - Number(b === focus));
  return drawn.map(
    ([name, points]) => html`<path class="${looks(name)}" data-who="${name}" d="${path(points) ?? ""}"><title>${name}</title></path>`,
  );
}

/** All values of all curves, upwards. */
export function heights(curves: Curves): readonly number[] {
  return [...curves.values()].flatMap((points) => points.map(({ y }) => y));
}

export function curvesOf<T>(byName: ReadonlyMap<string, T>, curve: (value: T) => readonly Point[]): Curves {
  return new Map([...byName].map(([name, value]) => [name, curve(value)]));
}
