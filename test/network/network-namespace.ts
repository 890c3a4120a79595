import { execFileSync } from "node:child_process";

/** What gets lost on the way: requests (towards the namespace), answers (from it), or both. */
export type Loss = "requests" | "answers" | "both";

/** A network of its own, reached through one virtual cable: what happens there are real packets, sent, lost and sent again. */
export interface NetworkNamespace extends AsyncDisposable {
  /** Where servers in the namespace are reached. */
  readonly address: string;
  /** An address on the cable that nobody has: a SYN goes out and is never answered, not even by ICMP. */
  readonly silentAddress: string;
  /** Puts this before a command to run it in the namespace. */
  readonly execPrefix: readonly [string, ...string[]];
  /** Packets vanish without a trace from here on; the cable stays plugged in. */
  lose(what: Loss): void;
  /** They arrive again. */
  deliver(): void;
  /** Pulls the cable out on the far side. */
  unplug(): void;
  plugIn(): void;
  /** The namespace and the cable are gone. Its processes must have ended before. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Why there can be no network namespaces here, or undefined: they work. */
export async function whyNoNetworkNamespace(): Promise<string | undefined> {
  try {
    await createNetworkNamespace()[Symbol.asyncDispose]();
    return undefined;
  } catch (error) {
    const why = (error as Error).message.trim().replaceAll("\n", "; ");
    return `no network namespaces here (they take Linux, root with CAP_SYS_ADMIN and CAP_NET_ADMIN, and iproute2): ${why}`;
  }
}

/** Ethernet addresses of the two ends; no other device is on the cable, so that every namespace may have the same. */
const nearMac = "02:00:00:00:00:01";
const farMac = "02:00:00:00:00:02";
/** Frames to this address are dropped by whoever receives them: packets vanish on the wire, and no end of it hears why. */
const nobodysMac = "02:00:00:00:00:0f";

/** 10.211.0.0/16 in networks of eight addresses. */
const slots = 8_192;

/** @throws Error with what `ip` said, where there can be none */
export function createNetworkNamespace(): NetworkNamespace {
  const slot = claimSlot();
  const [near, far, silent] = [1, 2, 3].map((host) => `10.211.${slot >> 5}.${(slot % 32) * 8 + host}`) as [string, string, string];
  const name = nameOf(slot);
  const cable = name;
  const outside = (...command: string[]) => ip(...command);
  const inside = (...command: string[]) => ip("-n", name, ...command);
  // Said by hand instead of asked by ARP: an entry that nobody confirms would end in "no route to host", which is an answer.
  const sendRequestsTo = (mac: string) => outside("neigh", "replace", far, "lladdr", mac, "dev", cable, "nud", "permanent");
  const sendAnswersTo = (mac: string) => inside("neigh", "replace", near, "lladdr", mac, "dev", "far", "nud", "permanent");
  const plugIn = () => {
    inside("link", "set", "far", "up");
    sendAnswersTo(nearMac);
  };
  const remove = () => ip("netns", "delete", name);
  try {
    outside("link", "add", cable, "address", nearMac, "type", "veth", "peer", "name", "far", "address", farMac, "netns", name);
    outside("address", "add", `${near}/29`, "dev", cable);
    inside("address", "add", `${far}/29`, "dev", "far");
    outside("link", "set", cable, "up");
    plugIn();
    sendRequestsTo(farMac);
    outside("neigh", "replace", silent, "lladdr", nobodysMac, "dev", cable, "nud", "permanent");
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address: far,
    silentAddress: silent,
    execPrefix: ["ip", "netns", "exec", name],
    lose(what) {
      if (what !== "answers") sendRequestsTo(nobodysMac);
      if (what !== "requests") sendAnswersTo(nobodysMac);
    },
    deliver() {
      sendRequestsTo(farMac);
      sendAnswersTo(nearMac);
    },
    unplug: () => inside("link", "set", "far", "down"),
    plugIn,
    async [Symbol.asyncDispose]() {
      // The kernel takes its time over a deleted namespace; the cable goes at once.
      outside("link", "delete", cable);
      remove();
    },
  };
}

/** Makes the namespace whose name stands for the slot: only one process can. The process id makes the first guess a free one. */
function claimSlot(): number {
  for (let guess = 0; guess < slots; guess++) {
    const slot = (process.pid + guess) % slots;
    try {
      ip("netns", "add", nameOf(slot));
      return slot;
    } catch (error) {
      if (!(error as Error).message.includes("File exists")) throw error;
    }
  }
  throw new Error(`all ${slots} networks of 10.211.0.0/16 are taken; remove old ones with \`ip netns delete\``);
}

/** Also the cable's name, of which the kernel takes 15 characters. */
function nameOf(slot: number): string {
  return `meshless-${slot}`;
}

function ip(...command: readonly string[]): void {
  execFileSync("ip", command, { stdio: ["ignore", "ignore", "pipe"] });
}
