import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import type { DebugSnapshot } from "../../src/debug/debug-snapshot.ts";
import { follow } from "./follow.ts";
import { remember } from "./history.ts";
import { listenToKeys } from "./keys.ts";
import { Page } from "./page.tsx";
import { place, snapshot } from "./state.ts";

render(<Page />, document.body);
listenToKeys();
follow<DebugSnapshot>({
  query: () => `transport=${place.value}`,
  take(answer) {
    if (answer.transport !== undefined) remember(answer.transport);
    snapshot.value = answer;
  },
});
