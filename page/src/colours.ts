/** Okabe and Ito's, which the colour-blind tell apart; the yellow of theirs is too pale on white. */
const hues: readonly (readonly [h: number, s: number, l: number])[] = [
  [202, 100, 38],
  [41, 100, 47],
  [164, 90, 34],
  [327, 45, 60],
  [202, 76, 63],
  [27, 100, 43],
  [271, 40, 56],
  [60, 50, 42],
];

/**
 * Where there are zones, an endpoint has the hue of its zone, and neighbours differ in lightness; where there are none, each has a hue of its own.
 *
 * @param zone its place among the zones
 * @param index its place within its zone
 */
export function colourOf(zone: number, index: number, zones: number, isDark: boolean): string {
  const [h, s, l] = hues[(zones > 1 ? zone : index) % hues.length] ?? [0, 0, 50];
  const shade = zones > 1 ? ([0, 13, -7, 20][index % 4] ?? 0) : 14 * Math.floor(index / hues.length) * (isDark ? 1 : -1);
  return `hsl(${h} ${s}% ${Math.min(82, Math.max(22, l + shade + (isDark ? 8 : 0)))}%)`;
}
