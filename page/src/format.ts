/** What is not known. */
export const nothing = "–";

export function percent(share: number | undefined, digits = 1): string {
  if (share === undefined) return nothing;
  // 99.97 % is not all.
  const value = share < 1 && share > 0.999 ? Math.floor(share * 10_000) / 100 : share * 100;
  return `${share === 1 || share === 0 ? value : value.toFixed(value > 99 && share < 1 ? 2 : digits)} %`;
}

export function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return nothing;
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(0)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

export function count(value: number | undefined): string {
  if (value === undefined) return nothing;
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} k`;
  return Number.isInteger(value) || value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** How long something lasts, or ago it is. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

export function timeOfDay(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], { hour12: false });
}
