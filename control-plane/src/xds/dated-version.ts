/** What a client says that it has, or is told: content, and as of when. */
export interface DatedVersion {
  /** Of the content, the same on each replica. */
  readonly version: string;
  /** See {@link ResourceView.reachedRevision}. Undefined where it is not known. */
  readonly asOf: bigint | undefined;
}

const pattern = /^([^@]*)@(\d{1,20})$/;

/** As it is sent, such as `1f0c2a7799d3be41@48213`. */
export function datedText({ version, asOf }: DatedVersion): string {
  return asOf === undefined ? version : `${version}@${asOf}`;
}

/** What a client sends back, who may have it from another control plane. */
export function parseDated(text: string): DatedVersion {
  const [, version = text, asOf] = pattern.exec(text) ?? [];
  return { version, asOf: asOf === undefined ? undefined : BigInt(asOf) };
}

/** The later of two points in time, of which either may be unknown. */
export function laterOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
