import { twoDigits } from "../two-digits.ts";

/** What the default policy found out about a member. */
export interface Findings {
  /** Our own calls there. */
  readonly inFlight: number;
  /** How many of our own calls are usual for its weight. */
  readonly usualInFlight: number;
  /** Calls in flight by its last report. */
  readonly reported: number | undefined;
  /** Whether its reports count. */
  readonly isTrusted: boolean;
  /** Whether it gets more than its fair share, so that good news of itself does not count. */
  readonly isDoubted: boolean;
  /** By so much slowness alone raises its cost: 1 for the usual one. */
  readonly slowness: number;
  /** The share of calls that don't fail, relative to what is usual: above 0, up to 1. */
  readonly success: number;
  /** The same of those that are not refused as the caller's fault. */
  readonly compliance: number;
}

/** Less than this says nothing. */
const NOTABLE = 1.1;

/** In a sentence: its load, and what speaks against it. */
export function describeFindings(findings: Findings): string {
  const { inFlight, usualInFlight, reported, isTrusted, isDoubted, slowness, success, compliance } = findings;
  const load = `${twoDigits(inFlight)} of our calls in flight, where ${twoDigits(usualInFlight)} are usual`;
  const told = reported === undefined ? [] : [isTrusted ? `it reports ${twoDigits(reported)} in all` : "what it reports is not believed"];
  const flaws = [
    ...(slowness > NOTABLE ? [`slow, which makes a call cost ${twoDigits(slowness)} times as much`] : []),
    ...(success < 1 ? [`fails more than others: success is ${percent(success)} of the usual`] : []),
    ...(compliance < 1 ? [`refuses more calls than others as their callers' fault: it takes ${percent(compliance)} of the usual`] : []),
    ...(isDoubted && isTrusted && reported !== undefined ? ["above its fair share, so that a low report does not count"] : []),
  ];
  return [load, ...told, ...flaws].join("; ");
}

function percent(share: number): string {
  return `${twoDigits(100 * share)} %`;
}
