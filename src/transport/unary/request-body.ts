import type { ResolvedProtocolOptions } from "../connect/protocol-options.ts";
import type { Message, MethodPlan } from "./method-plan.ts";
import type { WireFormat } from "./wire-format.ts";

/** A request's message as it is sent. */
export interface RequestBody {
  readonly bytes: Uint8Array;
  readonly isCompressed: boolean;
}

export type MakeBody = (plan: MethodPlan, message: Message) => RequestBody | Promise<RequestBody>;

export function bodyMaker(format: WireFormat, { sendCompression, compressMinBytes }: ResolvedProtocolOptions): MakeBody {
  const bodyOf = (bytes: Uint8Array, isCompressed: boolean) => ({ bytes: format.body(bytes, isCompressed), isCompressed });
  return (plan, message) => {
    const bytes = plan.input.serialize(message) as Uint8Array<ArrayBuffer>;
    if (sendCompression === null || !format.compresses(bytes.length, compressMinBytes)) return bodyOf(bytes, false);
    return sendCompression.compress(bytes).then((compressed) => bodyOf(compressed, true));
  };
}
