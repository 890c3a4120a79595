// Who takes part where. Names are those of the registry.

/** The bounds that choose one call at a time, as all others have to. */
export const attainable = ["omniscient", "exact-jsq"] as const;

export const bounds = ["service-bound", "pooled", ...attainable] as const;

/** Those that a default must never lose against. */
export const rivals = ["p2c", "peak-ewma", "weighted-round-robin"] as const;

/** In a cell whose servers have a limit, which concerns nobody else. */
export const pushback = ["meshless", "meshless-pushback"] as const;

/** The usual field. */
export const usual = ["round-robin", ...rivals, "prequal", "meshless"] as const;

/** Where shares count more than who is quickest. */
export const fewRivals = ["round-robin", "p2c", "peak-ewma", "meshless"] as const;

/** All that chooses per call. */
export const everybody = [
  "random",
  "round-robin",
  "least-in-flight",
  ...rivals,
  "c3",
  "prequal",
  "prequal-75",
  "prequal-hcl",
  "meshless",
] as const;
