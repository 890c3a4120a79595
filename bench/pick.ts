import { Child } from "../demo/child.ts";
import type { PickerFigures, PickerOrder } from "./picker.ts";
import { type PolicyName, policies } from "./policies.ts";

export interface PickFigures {
  /** Of the default policy, by the number of endpoints. */
  readonly endpoints: Readonly<Record<string, PickerFigures>>;
  /** By policy, with 1,000 endpoints. */
  readonly policies: Readonly<Record<PolicyName, PickerFigures>>;
}

const DEFAULT: PolicyName = "adaptive";
const ENDPOINTS = [10, 1_000, 10_000];
const COMPARED_AT = 1_000;

/** What choosing costs alone. Each policy and number of endpoints has a process of its own, so that none runs code that was compiled for another. */
export async function measurePicks(progress: (text: string) => void): Promise<PickFigures> {
  async function measure(order: PickerOrder): Promise<PickerFigures> {
    progress(`pick: ${order.policy} of ${order.endpoints}`);
    const child = new Child(order.policy, new URL("./picker.ts", import.meta.url), order);
    const figures = await child.nextMessage<PickerFigures>();
    await child.kill();
    return figures;
  }

  const byEndpoints: Record<string, PickerFigures> = {};
  for (const endpoints of ENDPOINTS) byEndpoints[endpoints] = await measure({ policy: DEFAULT, endpoints });
  const byPolicy: Partial<Record<PolicyName, PickerFigures>> = { [DEFAULT]: byEndpoints[COMPARED_AT] };
  for (const policy of Object.keys(policies) as PolicyName[]) byPolicy[policy] ??= await measure({ policy, endpoints: COMPARED_AT });
  return { endpoints: byEndpoints, policies: byPolicy as PickFigures["policies"] };
}
