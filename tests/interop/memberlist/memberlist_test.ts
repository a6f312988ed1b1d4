/**
 * One cluster of hashicorp/memberlist's members and ours, as processes on
 * loopback addresses. Every story is told in both directions.
 */
import { assertEquals } from "@std/assert";
import { skip } from "../../privileges.ts";
import { findGo } from "../../programs.ts";
import { type Kind, MemberProcess } from "./member_process.ts";
import { memberProgram } from "./program.ts";
import type { MemberSettings } from "./protocol.ts";

const KEY = "0123456789abcdef".repeat(4);
const OTHER_KEY = "fedcba9876543210".repeat(4);

/** Quick, so that a death is noticed in about a second. */
const QUICK = {
  port: 7946,
  meta: "",
  label: "",
  keys: [],
  compression: true,
  protocolVersion: 2,
  probeInterval: 200,
  probeTimeout: 100,
  suspicionMult: 4,
  // So often that nobody misses a message of the application's own.
  retransmitMult: 10,
  gossipInterval: 20,
  gossipToTheDead: 30_000,
  pushPullInterval: 1000,
  streamTimeout: 5000,
} as const satisfies Partial<MemberSettings>;

/** Both directions of a story: who acts, and who looks on. */
const DIRECTIONS: readonly { readonly actor: Kind; readonly witness: Kind }[] =
  [
    { actor: "memberlist", witness: "herald" },
    { actor: "herald", witness: "memberlist" },
  ];

/** Members of one test, which end with it. */
class Cluster implements AsyncDisposable {
  static #count = 0;
  readonly #program: string;
  readonly #settings: Partial<MemberSettings>;
  readonly #network = ++Cluster.#count;
  readonly #members: MemberProcess[] = [];
  #hosts = 0;

  constructor(program: string, settings: Partial<MemberSettings> = {}) {
    this.#program = program;
    this.#settings = settings;
  }

  /** Starts a member on the next address, unless it is told another. */
  async start(
    kind: Kind,
    name: string,
    settings: Partial<MemberSettings> = {},
  ): Promise<MemberProcess> {
    const member = await MemberProcess.start(kind, this.#program, {
      ...QUICK,
      ip: `127.77.${this.#network}.${++this.#hosts}`,
      ...this.#settings,
      ...settings,
      name,
    });
    this.#members.push(member);
    return member;
  }

  /** Starts two members of either kind that know one another. */
  async startFour(): Promise<{
    readonly of: (kind: Kind) => MemberProcess;
    readonly all: readonly MemberProcess[];
  }> {
    const kinds: readonly Kind[] = ["memberlist", "herald"];
    const all = await Promise.all(
      [...kinds, ...kinds].map((kind, index) =>
        this.start(kind, `${kind}-${index}`)
      ),
    );
    const [first, ...others] = all;
    if (first === undefined) throw new Error("There is no first member");
    for (const other of others) assertEquals(await other.join(first), 1);
    await allSee(all, "joined", all);
    const of = (kind: Kind): MemberProcess => {
      const found = all.find((member) => member.kind === kind);
      if (found === undefined) throw new Error(`There is no ${kind}`);
      return found;
    };
    return { of, all };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()));
  }
}

/** Waits until all members see that event of all subjects but themselves. */
async function allSee(
  members: readonly MemberProcess[],
  event: "joined" | "gone",
  subjects: readonly MemberProcess[],
): Promise<void> {
  await Promise.all(
    members.flatMap((member) =>
      subjects.filter(({ name }) => name !== member.name)
        .map(({ name }) => member.sees(event, { name }))
    ),
  );
}

const go = await findGo();

/** Declares a test, or says why it cannot run. With Go at hand, CI has to run it. */
function interopTest(
  name: string,
  body: (program: string) => Promise<void>,
): void {
  if (go === undefined) {
    return skip(name, "no Go to build memberlist with", { required: false });
  }
  Deno.test(name, async () => await body(await memberProgram(go)));
}

const securities: readonly {
  readonly name: string;
  readonly settings: Partial<MemberSettings>;
}[] = [
  { name: "plain", settings: {} },
  { name: "plain, without compression", settings: { compression: false } },
  { name: "plain, with checksums", settings: { protocolVersion: 5 } },
  { name: "encrypted", settings: { keys: [KEY] } },
  {
    name: "encrypted with AES-128, filled up to blocks",
    settings: { keys: [KEY.slice(0, 32)], protocolVersion: 1 },
  },
  {
    name: "encrypted with AES-192, with a label, without compression",
    settings: { keys: [KEY.slice(0, 48)], label: "east", compression: false },
  },
];

for (const { name, settings } of securities) {
  interopTest(`members meet, ${name}`, async (program) => {
    await using cluster = new Cluster(program, settings);
    const { all } = await cluster.startFour();
    // Each way to send: gossip of metadata and of messages, and answers.
    for (const sender of all.slice(0, 2)) {
      const meta = sender.kind === "herald" ? "c0ffee" : "beef";
      await sender.do({ do: "meta", meta, timeout: 10_000 });
      await sender.do({ do: "broadcast", payload: meta });
      for (const other of all) {
        if (other === sender) continue;
        await other.sees("updated", { name: sender.name, meta });
        await other.sees("message", { payload: meta });
      }
    }
  });
}

for (const { actor, witness } of DIRECTIONS) {
  interopTest(
    `${witness}'s member joins ${actor}'s, and its large metadata arrive`,
    async (program) => {
      await using cluster = new Cluster(program);
      const meta = "ab".repeat(512);
      const first = await cluster.start(actor, "first", { meta });
      const second = await cluster.start(witness, "second", { meta });
      assertEquals(await second.join(first), 1);
      await first.sees("joined", { name: "second", meta });
      await second.sees("joined", { name: "first", meta });
    },
  );

  interopTest(
    `${actor}'s member is killed: all notice, and take it back under its name`,
    async (program) => {
      await using cluster = new Cluster(program);
      const { of, all } = await cluster.startFour();
      const victim = of(actor);
      await victim.kill();
      const others = all.filter((member) => member !== victim);
      await allSee(others, "gone", [victim]);
      const since = others.map(({ count }) => count);
      const [ip = ""] = victim.endpoint.split(":");
      const again = await cluster.start(actor, victim.name, { ip });
      assertEquals(await again.join(of(witness)), 1);
      await Promise.all(
        others.map((other, index) =>
          other.sees("joined", { name: victim.name }, since[index])
        ),
      );
    },
  );

  interopTest(
    `${actor}'s member stands still: it is held dead, and objects when it goes on`,
    async (program) => {
      await using cluster = new Cluster(program);
      const { of, all } = await cluster.startFour();
      const victim = of(actor);
      victim.signal("SIGSTOP");
      const others = all.filter((member) => member !== victim);
      await allSee(others, "gone", [victim]);
      const since = others.map(({ count }) => count);
      victim.signal("SIGCONT");
      await Promise.all(
        others.map((other, index) =>
          other.sees("joined", { name: victim.name }, since[index])
        ),
      );
    },
  );

  interopTest(
    `${actor}'s member leaves: its name is free at once, at another address`,
    async (program) => {
      await using cluster = new Cluster(program);
      const { of, all } = await cluster.startFour();
      const leaver = of(actor);
      await leaver.do({ do: "leave", timeout: 10_000 });
      await leaver.kill();
      const others = all.filter((member) => member !== leaver);
      await allSee(others, "gone", [leaver]);
      const ours = others.find(({ kind }) => kind === "herald");
      const reason = "left: goodbye";
      await ours?.sees("gone", { name: leaver.name, reason });
      const since = others.map(({ count }) => count);
      const again = await cluster.start(actor, leaver.name);
      assertEquals(await again.join(of(witness)), 1);
      const [ip = ""] = again.endpoint.split(":");
      await Promise.all(
        others.map((other, index) =>
          other.sees("joined", { name: leaver.name, ip }, since[index])
        ),
      );
    },
  );

  interopTest(
    `${actor}'s member with another key, or another label, stays outside of ${witness}'s`,
    async (program) => {
      const settings = { keys: [KEY], label: "east" };
      await using cluster = new Cluster(program, settings);
      const inside = await cluster.start(witness, "inside");
      const foreign = [{ keys: [OTHER_KEY] }, { label: "west" }, { keys: [] }];
      for (const [index, settings] of foreign.entries()) {
        const name = `outside-${index}`;
        const outside = await cluster.start(actor, name, settings);
        assertEquals(await outside.join(inside), 0);
        assertEquals(await inside.join(outside), 0);
      }
    },
  );
}

interopTest("keys change without a gap, member by member", async (program) => {
  await using cluster = new Cluster(program, { keys: [KEY] });
  const { all } = await cluster.startFour();
  const since = all.map(({ count }) => count);
  const rounds = [
    { do: "addKey", key: OTHER_KEY },
    { do: "useKey", key: OTHER_KEY },
    { do: "removeKey", key: KEY },
  ] as const;
  for (const [round, command] of rounds.entries()) {
    for (const member of all) {
      await member.do(command);
      // In the middle of a round, both kinds of keys are in use.
      const meta = `0${round}`;
      await member.do({ do: "meta", meta, timeout: 10_000 });
      await Promise.all(
        all.filter((other) => other !== member)
          .map((other) => other.sees("updated", { name: member.name, meta })),
      );
    }
  }
  for (const [index, member] of all.entries()) {
    assertEquals(member.seen("gone", since[index]), []);
  }
});
