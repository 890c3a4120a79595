import { create } from "@bufbuild/protobuf";
import { EchoRequestSchema, EchoService } from "../../test/gen/meshless/testing/v1/echo_pb.ts";

/** Makes one unary call and resolves to the text of the answer. */
export type Call = () => Promise<string>;

/** Whom to call, and with what. */
export interface Wire {
  /** Of 127.0.0.1, each one endpoint. */
  readonly ports: readonly number[];
  /** The certificate of all of them in PEM; undefined: h2c. */
  readonly ca: string | undefined;
  readonly text: string;
}

export const PATH = `/${EchoService.typeName}/Echo`;

export function urlOf({ ca }: Wire, port: number | undefined): string {
  return `${ca === undefined ? "http" : "https"}://127.0.0.1:${port}`;
}

export function requestOf({ text }: Pick<Wire, "text">) {
  return create(EchoRequestSchema, { text });
}
