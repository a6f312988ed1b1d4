/** A server that goes and comes back. */
import { assertEquals } from "@std/assert";
import {
  type Lease,
  LEASES,
  NODES,
  Reflector,
  type ReflectorState,
} from "../../mod/kube/mod.ts";
import { SYSTEM_CLOCK } from "../../mod/time/mod.ts";
import type { ContractCase } from "./kube_contract.ts";
import type { ContractServer } from "./server.ts";
import {
  createLeases,
  failure,
  makeWorld,
  takeEvents,
  type World,
} from "./world.ts";

/** A reflector whose progress can be awaited. */
class Followed {
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #waiting = new Set<() => void>();
  /** One line per change. */
  readonly lines: string[] = [];
  readonly reflector: Reflector<Lease>;

  constructor({ client, namespace }: World) {
    const look = (): void => this.#waiting.forEach((check) => check());
    this.reflector = new Reflector(client, LEASES, {
      selection: { namespace },
      clock: SYSTEM_CLOCK,
      random: Math.random,
      backoffCapMs: 500,
      onChange: (changes) => {
        this.lines.push(...changes.map(({ type, key }) => `${type} ${key}`));
        look();
      },
      onState: look,
    });
    this.#running = this.reflector.start(this.#stop.signal);
  }

  get state(): ReflectorState["kind"] {
    return this.reflector.state.kind;
  }

  /** Waits for the event that makes it so. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isSo()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

async function followThroughRestart(server: ContractServer): Promise<void> {
  const world = await makeWorld(server.client);
  const key = (name: string) => `${world.namespace}/${name}`;
  await createLeases(world, ["a", "b"]);
  await using followed = new Followed(world);
  await followed.reflector.synced;
  await createLeases(world, ["c"]);
  await followed.until(() => followed.lines.length === 3);

  await server.stop();
  await followed.until(() => followed.state === "disconnected");
  // Nothing is lost or taken back while there is no server.
  assertEquals(followed.reflector.store.size, 3);
  assertEquals(followed.lines.length, 3);

  await server.start();
  await followed.until(() => followed.state === "connected");
  await server.client.delete(LEASES, {
    namespace: world.namespace,
    name: "a",
  });
  await createLeases(world, ["d"]);
  await followed.until(() => followed.lines.length === 5);
  assertEquals(followed.lines.toSorted(), [
    `ADDED ${key("a")}`,
    `ADDED ${key("b")}`,
    `ADDED ${key("c")}`,
    `ADDED ${key("d")}`,
    `DELETED ${key("a")}`,
  ]);
  assertEquals([...followed.reflector.store.keys()].sort(), [
    key("b"),
    key("c"),
    key("d"),
  ]);
}

/** Cases of a server that stops. */
export const OUTAGE_CASES: readonly ContractCase[] = [
  {
    name: "a reflector resumes after a restart of the server",
    run: followThroughRestart,
  },
  {
    name: "a call to a server that is down fails at once and works afterwards",
    run: async (server) => {
      await server.stop();
      const error = await failure(server.client.list(NODES));
      assertEquals([error.code, error.reason], [0, "connectionFailed"]);
      await server.start();
      assertEquals((await server.client.list(NODES)).items.length, 0);
    },
  },
  {
    name: "a version from before all that the server remembers is 410",
    run: async ({ client }) => {
      const { namespace } = await makeWorld(client);
      const error = await failure(takeEvents(client, LEASES, {
        namespace,
        resourceVersion: "1",
        count: 1_000,
        timeoutSeconds: 5,
      }));
      assertEquals([error.code, error.reason], [410, "Expired"]);
    },
  },
];
