import type { Chapter } from "../suite/suite.ts";
import { deployments } from "./deployments.ts";
import { failingServers } from "./failing-servers.ts";
import { hangingServers } from "./hanging-servers.ts";
import { heavyTails } from "./heavy-tails.ts";
import { imperfectWorlds } from "./imperfect-worlds.ts";
import { lightLoad } from "./light-load.ts";
import { loadSteps } from "./load-steps.ts";
import { manyClients } from "./many-clients.ts";
import { nodePodsChapter } from "./node-pods.ts";
import { perConnection } from "./per-connection.ts";
import { prequalRamp } from "./prequal-ramp.ts";
import { replacedAtOnce } from "./replaced-at-once.ts";
import { retryStorms } from "./retry-storms.ts";
import { smallFleets } from "./small-fleets.ts";
import { unequalWeights } from "./unequal-weights.ts";
import { unlikeServers } from "./unlike-servers.ts";
import { wrongButQuick } from "./wrong-but-quick.ts";
import { zonesChapter } from "./zones.ts";

/** The questions that `npm run simulate` asks, in their order. */
export const chapters: readonly Chapter[] = [
  prequalRamp,
  unlikeServers,
  perConnection,
  manyClients,
  nodePodsChapter,
  heavyTails,
  failingServers,
  hangingServers,
  deployments,
  zonesChapter,
  loadSteps,
  imperfectWorlds,
  smallFleets,
  lightLoad,
  wrongButQuick,
  replacedAtOnce,
  unequalWeights,
  retryStorms,
];
