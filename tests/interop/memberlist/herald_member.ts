/** Our member as a process, which needs the permission for the network only. */
import {
  addKey,
  type Keyring,
  LAN,
  makeKeyring,
  makeLabel,
  type Member,
  type MemberChange,
  removeKey,
  type SwimSettings,
  useKey,
} from "../../../mod/swim/mod.ts";
import { SYSTEM_CLOCK } from "../../../mod/time/mod.ts";
import { Gossip } from "../../../speaker/swim/mod.ts";
import { fromHex, toHex } from "../../bytes.ts";
import type { MemberCommand, MemberEvent, MemberSettings } from "./protocol.ts";

const encoder = new TextEncoder();

function tell(event: MemberEvent): void {
  Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(event)}\n`));
}

/** memberlist has three words for what ours has seven. */
const EVENTS: Readonly<Record<MemberChange["kind"], MemberEvent["event"]>> = {
  joined: "joined",
  updated: "updated",
  failed: "gone",
  left: "gone",
  // No words of memberlist's: told under another name, so that a test may look.
  suspected: "done",
  recovered: "done",
  forgotten: "done",
};

function tellChange(change: MemberChange, member: Member): void {
  tell({
    event: EVENTS[change.kind],
    name: member.name,
    ip: member.endpoint.ip,
    meta: toHex(member.meta),
    reason: `${change.kind}: ${change.reason}`,
  });
}

function settingsOf(settings: MemberSettings): SwimSettings {
  return {
    ...LAN,
    compression: settings.compression,
    protocolVersion: settings.protocolVersion,
    probeInterval: settings.probeInterval,
    probeTimeout: settings.probeTimeout,
    suspicionMult: settings.suspicionMult,
    retransmitMult: settings.retransmitMult,
    gossipInterval: settings.gossipInterval,
    gossipToTheDead: settings.gossipToTheDead,
    pushPullInterval: settings.pushPullInterval,
    streamTimeout: settings.streamTimeout,
  };
}

function keyringOf(keys: readonly string[]): Keyring | undefined {
  const [primary, ...others] = keys.map(fromHex);
  return primary === undefined ? undefined : makeKeyring(primary, others);
}

/** Performs commands. */
class Performer {
  readonly #gossip: Gossip;
  #keyring: Keyring | undefined;

  constructor(gossip: Gossip, keyring: Keyring | undefined) {
    this.#gossip = gossip;
    this.#keyring = keyring;
  }

  async perform(command: MemberCommand): Promise<void> {
    switch (command.do) {
      case "join":
        return await this.#join(command.to);
      case "meta":
        return this.#gossip.updateMeta(fromHex(command.meta));
      case "broadcast":
        return this.#gossip.broadcast(fromHex(command.payload));
      case "addKey":
        return this.#changeKeys(addKey, command.key);
      case "useKey":
        return this.#changeKeys(useKey, command.key);
      case "removeKey":
        return this.#changeKeys(removeKey, command.key);
      case "leave":
        await this.#gossip.leave(command.timeout);
    }
  }

  async #join(to: readonly string[]): Promise<void> {
    const results = await this.#gossip.join(to.map((endpoint) => {
      const colon = endpoint.lastIndexOf(":");
      const ip = endpoint.slice(0, colon);
      return { ip, port: Number(endpoint.slice(colon + 1)) };
    }));
    const failures = results.flatMap((result) =>
      result.outcome === "failed" ? [result.reason] : []
    );
    const count = results.length - failures.length;
    tell({ event: "joinEnded", count, error: failures.join(", ") });
  }

  #changeKeys(
    change: (keyring: Keyring, key: Uint8Array) => Keyring,
    key: string,
  ): void {
    if (this.#keyring === undefined) throw new Error("There is no keyring");
    this.#keyring = change(this.#keyring, fromHex(key));
    this.#gossip.setKeyring(this.#keyring);
  }
}

async function main(settings: MemberSettings): Promise<void> {
  const keyring = keyringOf(settings.keys);
  await using gossip = await Gossip.start({
    name: settings.name,
    bind: { ip: settings.ip, port: settings.port },
    meta: fromHex(settings.meta),
    settings: settingsOf(settings),
    label: makeLabel(settings.label),
    ...(keyring === undefined ? {} : { keyring }),
    clock: SYSTEM_CLOCK,
  }, {
    onChange: tellChange,
    onMessage: (payload) => tell({ event: "message", payload: toHex(payload) }),
    onDrop: (reason, { ip }) => console.error(`dropped: ${reason} from ${ip}`),
    onError: (error) => console.error(`socket: ${error.message}`),
  });
  tell({ event: "ready" });
  const performer = new Performer(gossip, keyring);
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const chunk of lines) {
    const complete = (rest + chunk).split("\n");
    rest = complete.pop() ?? "";
    for (const line of complete) {
      const command = JSON.parse(line) as MemberCommand;
      await performer.perform(command);
      tell({ event: "done", name: command.do });
    }
  }
}

if (import.meta.main) {
  await main(JSON.parse(Deno.args[0] ?? "{}") as MemberSettings);
}
