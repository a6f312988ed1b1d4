/**
 * HTTPS on the runtime's `node:https`. `Deno.serve` can neither change its
 * certificate, nor limit versions, connections and the time of a request;
 * ARCHITECTURE.md has what was measured.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { createServer, Server } from "node:https";
import { getLogger } from "@logtape/logtape";
import {
  CertificateError,
  isKeyOf,
  type KeyPair,
} from "../certificates/mod.ts";
import { Connections } from "./connections.ts";
import type { Address, Handler, HttpsServer, TlsOptions } from "./host.ts";
import { withoutIpv6 } from "./without_ipv6.ts";

/** A client has so long for its handshake and for its headers, in ms. */
const HEADERS_MS = 10_000;
/** … and for the whole of a request. */
const REQUEST_MS = 30_000;
/** A connection without a request is kept for so long, in ms. */
const IDLE_MS = 120_000;
const CHECK_MS = 5_000;
const MAX_HEADER_BYTES = 16_384;
/** The runtime keeps several copies of what is written at once. */
const PIECE_BYTES = 65_536;
/** Connections at a time, unless the role says otherwise; more are closed. */
const MAX_CONNECTIONS = 256;

/**
 * Answers HTTPS (HTTP/1.1 over TLS).
 *
 * @param create `createServer` of `node:https`.
 * @throws {CertificateError} When certificate and key do not belong together.
 * @throws {Error} When the address cannot be bound.
 */
export async function serveHttps(
  create: typeof createServer,
  { at, tls, handler }: {
    readonly at: Address;
    readonly tls: TlsOptions;
    readonly handler: Handler;
  },
): Promise<HttpsServer> {
  const server = create(
    {
      ...contextOf(tls.certificate),
      minVersion: `TLSv${tls.minVersion ?? "1.2"}`,
      handshakeTimeout: HEADERS_MS,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (message, response) => void answer(message, response, handler),
  );
  const connections = new Connections(server);
  server.maxConnections = tls.maxConnections ?? MAX_CONNECTIONS;
  // What strangers do wrong ends their connection, and nothing else.
  server.on("clientError", (_error, socket) => socket.destroy());
  await listenAnywhere(server, at);
  return {
    port: portOf(server),
    replaceCertificate: (certificate) =>
      server.setSecureContext(contextOf(certificate)),
    close: () => connections.close(),
  };
}

/** The runtime takes any text, and then refuses every handshake. */
function contextOf(pair: KeyPair): { cert: string; key: string } {
  if (isKeyOf(pair)) return { cert: pair.certificate, key: pair.privateKey };
  throw new CertificateError(
    "The private key does not belong to the certificate: take both from the same pair",
  );
}

async function listenAnywhere(server: Server, at: Address): Promise<void> {
  try {
    await listen(server, at);
  } catch (error) {
    const other = withoutIpv6(at, error);
    if (other === undefined) throw error;
    await listen(server, other);
  }
}

function listen(server: Server, at: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
): Promise<void> {
  try {
    const request = requestOf(message);
    const address = message.socket.remoteAddress ?? "";
    await send(
      request === undefined
        ? new Response("The request cannot be read\n", { status: 400 })
        : await handler(request, { address }),
      message,
      response,
    );
  } catch (error) {
    // A client that went away is no concern of ours.
    if (message.destroyed && !message.complete) return;
    getLogger(["herald", "http"]).error("Cannot answer a request: {error}", {
      error,
    });
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

/** The request in the web's shape; nothing for what that does not allow. */
function requestOf(message: IncomingMessage): Request | undefined {
  const { method = "GET", url = "/", rawHeaders } = message;
  if (!url.startsWith("/")) return undefined;
  try {
    const headers = new Headers();
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
    }
    const isEmpty = method === "GET" || method === "HEAD";
    return new Request(`https://localhost${url}`, {
      method,
      headers,
      ...isEmpty ? {} : { body: ReadableStream.from(message) },
    });
  } catch {
    return undefined;
  }
}

async function send(
  answer: Response,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await answer.bytes();
  // The rest of a body that nobody wants would be taken for the next request.
  if (!message.complete) response.shouldKeepAlive = false;
  const headers = new Headers(answer.headers);
  if (body.length > 0) headers.set("content-length", String(body.length));
  response.writeHead(answer.status, [...headers].flat());
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    const isTaken = response.write(body.subarray(at, at + PIECE_BYTES));
    if (!isTaken) await drained(response);
    // Nobody reads the rest.
    if (response.destroyed) return;
  }
  response.end();
}

/** Resolves when more may be written, or nobody reads any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      response.off("drain", end).off("close", end);
      resolve();
    };
    response.on("drain", end).on("close", end);
  });
}
