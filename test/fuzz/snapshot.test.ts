import { expect, it } from "vitest";
import { AddressRules } from "../../src/discovery/address-rules.ts";
import { checkUpdate } from "../../src/discovery/checked-update.ts";
import { readSnapshot, type ServiceSnapshot, withSnapshot } from "../../src/discovery/xds/snapshot-document.ts";
import { fuzz } from "./fuzz.ts";

const key = { service: "shop:1", controlPlane: "static:///10.0.0.9:1" };
const rules = new AddressRules();

function read(json: string): ServiceSnapshot | undefined {
  try {
    return readSnapshot(json, key, rules);
  } catch (error) {
    expect(["SyntaxError", "ConfigurationError"]).toContain((error as Error).name);
    expect((error as Error).message.length).toBeLessThan(5_000);
    return undefined;
  }
}

it("whatever is in a snapshot file is a set that every transport takes, or is refused with the reason, and can be written over", async () => {
  await fuzz(
    "snapshot",
    (input) => {
      const json = input.toString("utf8");
      const snapshot = read(json);
      if (snapshot !== undefined) checkUpdate({ endpoints: snapshot.endpoints });
      const again = read(withSnapshot(json, { ...key, savedAtMs: 1, endpoints: [] }));
      expect(again?.savedAtMs).toBe(1);
    },
    0.5,
  );
});
