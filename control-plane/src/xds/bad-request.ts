import { Code, ConnectError } from "@connectrpc/connect";

/** What a client did that ends its stream. */
export function badRequest(message: string): ConnectError {
  return new ConnectError(message, Code.InvalidArgument);
}

/** What a client wants and is more than it may have. It ends the stream. */
export function tooMuch(message: string): ConnectError {
  return new ConnectError(message, Code.ResourceExhausted);
}
