/** The connections of a server, so that it ends without waiting for the idle. */
import type { ServerResponse } from "node:http";
import type { Server } from "node:https";
import type { Socket } from "node:net";

/** Knows which connections somebody waits on. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Answers that are not out yet. */
  readonly #due = new Set<ServerResponse>();
  #isClosing = false;

  /** Begins to follow the connections of a server that does not listen yet. */
  constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
    server.on("request", (_request, response: ServerResponse) => {
      this.#due.add(response);
      if (this.#isClosing) response.shouldKeepAlive = false;
      response.once("close", () => {
        this.#due.delete(response);
        if (this.#isClosing) server.closeIdleConnections();
      });
    });
  }

  /**
   * Ends the server: whoever has asked gets its answer, everybody else is sent
   * away at once. The runtime alone would wait for those that have not shaken
   * hands or asked yet.
   */
  close(): Promise<void> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const response of this.#due) response.shouldKeepAlive = false;
    // Requests come from TLS sockets, which do not tell what they wrap.
    const waiting = new Set(
      Array.from(this.#due, ({ socket }) => peerOf(socket)),
    );
    for (const socket of this.#open) {
      if (!waiting.has(peerOf(socket))) socket.destroy();
    }
    return closed;
  }
}

function peerOf(
  socket: Pick<Socket, "remoteAddress" | "remotePort"> | null,
): string {
  return `${socket?.remoteAddress} ${socket?.remotePort}`;
}
