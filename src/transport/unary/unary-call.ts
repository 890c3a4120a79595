import type { DescMethodUnary } from "@bufbuild/protobuf";
import type { Message } from "./method-plan.ts";
import { PlannedCall, type PlannedCallInit } from "./planned-call.ts";
import type { RequestBody } from "./request-body.ts";

/** A unary call, inside of the interceptors that see it as one. */
export class UnaryCall extends PlannedCall<DescMethodUnary> {
  readonly message: Message;
  /** As every attempt sends it, where none changes it. */
  body: RequestBody | Promise<RequestBody> | undefined;
  readonly isStream = false;

  constructor(init: PlannedCallInit<DescMethodUnary>, message: Message) {
    super(init);
    this.message = message;
  }

  repeatable(): boolean {
    return true;
  }
}
