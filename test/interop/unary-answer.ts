import { create, toBinary } from "@bufbuild/protobuf";
import type { Protocol } from "../../src/transport/connect/protocol-options.ts";
import { SimpleResponseSchema } from "../gen/grpc/testing/test_pb.ts";
import { envelope } from "../support/echo-wire.ts";
import type { RawStream } from "../support/raw-connection.ts";
import { zeros } from "./interop-service.ts";

const contentTypes: Readonly<Record<Protocol, string>> = {
  connect: "application/proto",
  grpc: "application/grpc+proto",
  "grpc-web": "application/grpc-web+proto",
};

/** A raw server's answer to large_unary, of which any part may be sent or left out. */
export class UnaryAnswer {
  readonly #stream: RawStream;
  readonly #protocol: Protocol;
  readonly #body: Uint8Array;

  constructor(stream: RawStream, protocol: Protocol, payloadBytes = 314_159) {
    const message = toBinary(SimpleResponseSchema, create(SimpleResponseSchema, { payload: zeros(payloadBytes) }));
    this.#stream = stream;
    this.#protocol = protocol;
    this.#body = protocol === "connect" ? message : envelope(0, message);
  }

  sendHeaders(): void {
    this.#stream.sendHeaders({ ":status": "200", "content-type": contentTypes[this.#protocol] });
  }

  /** @param share of the message's bytes, 0 to 1 */
  sendMessage(share = 1): Promise<void> {
    return this.#stream.sendPaced(this.#body.subarray(0, this.#body.length * share));
  }

  /** What makes the answer complete. */
  sendEnd(): void {
    switch (this.#protocol) {
      case "connect":
        return this.#stream.sendData(Buffer.alloc(0), "end");
      case "grpc":
        return this.#stream.sendHeaders({ "grpc-status": "0" }, "end");
      case "grpc-web":
        return this.#stream.sendData(envelope(0x80, Buffer.from("grpc-status: 0\r\n")), "end");
    }
  }
}
