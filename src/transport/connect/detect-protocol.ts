import { ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { ConfigurationError } from "../../configuration-error.ts";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import type { Protocol } from "./protocol-options.ts";

/** A factory of connect-node, as far as it is asked here. */
export type TransportFactory<Options> = (options: Options) => Transport;

/**
 * Asks a transport factory which protocol it speaks: its request carries the content type through the first interceptor, which
 * answers at once. Neither identity nor name would do: a `require()`d copy is another function, and minifiers rename.
 *
 * @throws ConfigurationError if the factory does not say
 */
export function detectProtocol<Options>(factory: TransportFactory<Options>, baseUrl: string): Protocol {
  let contentType: string | null = null;
  const listen: Interceptor = () => (request) => {
    contentType = request.header.get("content-type");
    return Promise.reject(new ConnectError("asked for its protocol only"));
  };
  const options = { baseUrl, httpVersion: "2", useBinaryFormat: true, interceptors: [listen] };
  const transport = factory(options as Options);
  transport.unary(Health.method.check, undefined, undefined, undefined, {}).catch(() => {});
  const protocol = protocols.get(contentType ?? "");
  if (protocol !== undefined) return protocol;
  throw new ConfigurationError(
    `the transport factory speaks an unknown protocol (${contentType ?? "it made no request"}); ` +
      "pass createConnectTransport, createGrpcTransport or createGrpcWebTransport of @connectrpc/connect-node",
  );
}

const protocols = new Map<string, Protocol>([
  ["application/proto", "connect"],
  ["application/grpc+proto", "grpc"],
  ["application/grpc-web+proto", "grpc-web"],
]);
