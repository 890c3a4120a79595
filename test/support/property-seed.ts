import fc from "fast-check";

/** The same inputs at every run, so that a test that is green stays green; `MESHLESS_SEED=$RANDOM npm test` goes hunting. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.MESHLESS_SEED ?? 7) });
