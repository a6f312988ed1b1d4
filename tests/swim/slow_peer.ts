/**
 * A member in a thread of its own that answers each ping a while later: long
 * enough for the asker to be standing still by then.
 */
import { createSocket } from "node:dgram";
import { encodeMessage, NO_LABEL, openPacket } from "../../mod/swim/mod.ts";

/** What the thread is told: where it is, and where the asker is. */
export interface SlowPeer {
  readonly ip: string;
  readonly address: readonly number[];
  readonly asker: string;
  /** How long after a ping it answers, in ms. */
  readonly delay: number;
  /** Counts the answers that have left. */
  readonly answered: Int32Array;
}

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SlowPeer>) => void) | null;
  postMessage(message: "asked"): void;
}

const PORT = 7946;

/** Packets in front of the answer; a socket's buffer holds as many. */
const PILE = 100;
const GOSSIP = encodeMessage({ kind: "nack", sequence: 0 });
const scope = globalThis as unknown as WorkerScope;
const socket = createSocket("udp4");

const security = {
  label: NO_LABEL,
  encryptionVersion: 1,
  verifyIncoming: true,
  verifyOutgoing: true,
  fillRandom: () => {},
} as const;

function begin({ ip, address, asker, delay, answered }: SlowPeer): void {
  socket.on("message", (bytes) => {
    for (const message of openPacket(bytes, security).messages) {
      if (message.kind !== "ping") continue;
      scope.postMessage("asked");
      const { sequence } = message;
      const answer = encodeMessage({ kind: "ack", sequence, payload: null });
      setTimeout(() => {
        // Gossip of others waits in front of it.
        for (let sent = 0; sent < PILE; sent++) {
          socket.send(GOSSIP, PORT, asker);
        }
        socket.send(answer, PORT, asker, () => Atomics.add(answered, 0, 1));
      }, delay);
    }
  });
  socket.bind(PORT, ip, () => {
    socket.send(
      encodeMessage({
        kind: "alive",
        incarnation: 1,
        node: "slow",
        address: Uint8Array.from(address),
        port: PORT,
        meta: null,
        versions: Uint8Array.of(1, 5, 2, 0, 0, 0),
      }),
      PORT,
      asker,
    );
  });
}

scope.onmessage = ({ data }): void => begin(data);
