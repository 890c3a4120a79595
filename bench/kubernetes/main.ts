import { parseArgs } from "node:util";
import { Screen } from "../../demo/screen.ts";
import { hasKubernetes } from "../../test/kubernetes/cluster.ts";
import { type KubernetesFigures, type KubernetesOrder, measure } from "./measure.ts";

const HELP = `npm run bench:kubernetes -- [options]

A real apiserver with its etcd and controllers, a control plane and clients, on loopback: how long does it take from a pod's readiness to the clients'
pickers, while slices change all the time, and what does it cost? Needs \`npm run peers -- kubernetes\`.

  --quick   2,000 endpoints alone, which takes half a minute; otherwise 20,000 as well
  --json    print one JSON document on stdout
  --help    this
`;
const maxMinutes = 8;

// The children end with this process, however that ends.
process.once("SIGINT", () => process.exit(130));
setTimeout(() => {
  console.error(`not done within ${maxMinutes} minutes`);
  process.exit(1);
}, maxMinutes * 60_000).unref();

const small: KubernetesOrder = { endpoints: 2_000, sliceUpdatesPerSecond: 20, patches: 60, clients: 20, streams: 20 };
const large: KubernetesOrder = { endpoints: 20_000, sliceUpdatesPerSecond: 200, patches: 100, clients: 20, streams: 20 };

const flag = { type: "boolean", default: false } as const;
const { values: options } = parseArgs({ options: { quick: flag, json: flag, help: flag } });
if (options.help) console.log(HELP);
else if (hasKubernetes) await run(options.quick ? [small] : [small, large]);
else process.exitCode = 1;

async function run(orders: readonly KubernetesOrder[]): Promise<void> {
  const screen = new Screen(process.stderr);
  const figures: KubernetesFigures[] = [];
  for (const order of orders) figures.push(await measure(order, (text) => screen.draw(text, text)));
  screen.keep("");
  if (options.json) console.log(JSON.stringify(figures));
  else console.table(figures);
}
