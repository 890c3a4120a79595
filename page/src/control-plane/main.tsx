import { render } from "preact";
import "../page.css";
import type { PlaneSnapshot } from "../../../control-plane/src/admin/plane-snapshot.ts";
import { follow } from "../follow.ts";
import { listenToKeys } from "../keys.ts";
import { PlanePage } from "./plane-page.tsx";
import { chosen, snapshot } from "./state.ts";

render(<PlanePage />, document.body);
listenToKeys();
follow<PlaneSnapshot>({
  query: () => (chosen.value === undefined ? "" : `service=${encodeURIComponent(chosen.value)}`),
  take(answer) {
    snapshot.value = answer;
  },
});
