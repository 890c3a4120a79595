import type { Distribution } from "../scenario.ts";

/** Noise of loopback, or of a good network: mostly next to nothing, at times some ms. */
export const hiccups: Distribution = {
  kind: "mixture",
  parts: [
    { share: 0.98, of: { kind: "exponential", mean: 0.1 } },
    { share: 0.02, of: { kind: "exponential", mean: 4 } },
  ],
};
