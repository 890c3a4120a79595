/** Numbers as people read them: three digits or so, no exponents, `–` for what is not known. */

export function formatMs(value: number): string {
  return known(value, () => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2));
}

/** A share as a percentage, without the sign. What is not zero does not look like zero. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return known(share, () => {
    if (Math.abs(percent) < 0.005) return "<0.01";
    return percent.toFixed(percent >= 10 ? 1 : 2);
  });
}

export function formatRatio(value: number): string {
  return known(value, () => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2));
}

export function formatCount(value: number): string {
  return known(value, () => value.toFixed(value >= 100 || Number.isInteger(value) ? 0 : 1));
}

function known(value: number, format: () => string): string {
  if (value === 0) return "0";
  return Number.isFinite(value) ? format() : "–";
}
