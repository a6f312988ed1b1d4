/** Properties of clusters of members in a virtual network. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromHex } from "../../tests/bytes.ts";
import {
  type MemberOptions,
  type Report,
  VirtualNetwork,
} from "../../tests/swim/virtual_network.ts";
import {
  addKey,
  encodeMessage,
  LAN,
  LOCAL,
  makeKeyring,
  makeLabel,
  removeKey,
  sealPacket,
  suspicionBounds,
  useKey,
  WAN,
} from "./mod.ts";

const pure = { permissions: "none" } as const;
const seed = fc.nat(0xffffffff);
const size = fc.integer({ min: 2, max: 12 });

/**
 * Time after which all have heard, in ms: gossip may miss somebody, whom only
 * an exchange of states tells later.
 */
const SOON = 120_000;

/** Gossip that is repeated so often that nobody misses it. */
const SURE = { ...LOCAL, retransmitMult: 10 };

/** A network whose members know one another. */
function meet(
  seed: number,
  size: number,
  options: MemberOptions = {},
): { readonly network: VirtualNetwork; readonly names: readonly string[] } {
  const network = new VirtualNetwork(seed);
  const names = network.startCluster(size, options);
  assert(network.until(() => network.agree(names), SOON));
  return { network, names };
}

/** What was reported of a kind, as "who: about whom". */
function reported(
  reports: readonly Report[],
  kind: Report["change"]["kind"],
): string[] {
  return reports.filter(({ change }) => change.kind === kind)
    .map(({ by, about }) => `${by}: ${about}`);
}

Deno.test(
  "all come to know all, and nobody is suspected without loss",
  pure,
  () => {
    fc.assert(
      fc.property(seed, size, (seed, size) => {
        const { network, names } = meet(seed, size);
        network.run(30_000);
        assertEquals(reported(network.reports, "suspected"), []);
        assert(network.agree(names));
      }),
      { numRuns: 30 },
    );
  },
);

Deno.test(
  "after any loss, all come to hold all that run for alive",
  pure,
  () => {
    const lossy = fc.double({ min: 0, max: 0.4, noNaN: true });
    fc.assert(
      fc.property(seed, size, lossy, (seed, size, rate) => {
        const network = new VirtualNetwork(seed);
        network.loss = () => network.chance() < rate;
        const names = network.startCluster(size);
        for (const name of names.slice(1)) {
          const joined = () => network.get("m0").names("alive").includes(name);
          while (!network.until(joined, 3000)) network.join(name, "m0");
        }
        network.run(20_000);
        network.loss = () => false;
        // Those who were forgotten have to be met again.
        for (const name of names.slice(1)) network.join(name, "m0");
        assert(network.until(() => network.agree(names), SOON));
      }),
      { numRuns: 30 },
    );
  },
);

Deno.test(
  "who lives and is reachable is not declared dead without a missed probe",
  pure,
  () => {
    const lossy = fc.double({ min: 0.1, max: 0.6, noNaN: true });
    let failures = 0;
    fc.assert(
      fc.property(seed, size, lossy, (seed, size, rate) => {
        const { network } = meet(seed, size);
        network.loss = () => network.chance() < rate;
        network.run(30_000);
        for (const failure of network.reports) {
          if (failure.change.kind !== "failed") continue;
          failures++;
          assert(
            hasMissedProbe(network, failure),
            `${failure.by} declared ${failure.about} dead at ${failure.at}`,
          );
        }
      }),
      { numRuns: 40 },
    );
    assert(failures > 0, "the loss was too low to show anything");
  },
);

/** Whether a probe of the one who was declared dead lost what it needed. */
function hasMissedProbe(network: VirtualNetwork, failure: Report): boolean {
  const { about } = failure;
  const { min } = suspicionBounds(LOCAL, 2);
  return network.reports.some(({ at, by, change, about: suspect }) =>
    suspect === about && change.kind === "suspected" &&
    change.reason === "unanswered" && at <= failure.at - min &&
    // The probe had an interval, stretched by bad health at most.
    network.lost.some((lost) =>
      lost.at <= at &&
      lost.at > at - LOCAL.probeInterval * LOCAL.awarenessMaxMultiplier &&
      (lost.from === by && lost.to === about ||
        lost.from === about && lost.to === by)
    )
  );
}

Deno.test("all survivors notice a death within their bounds", pure, () => {
  fc.assert(
    fc.property(seed, size, (seed, size) => {
      const { network, names } = meet(seed, size);
      network.run(3000);
      network.kill("m1");
      const survivors = names.filter((name) => name !== "m1");
      const bounds = suspicionBounds(LOCAL, size);
      // A round of probes, the probe itself, the suspicion, and the gossip.
      const bound = (size + 1) * LOCAL.probeInterval + bounds.max + 2000;
      const expected = new Set(survivors.map((name) => `${name}: m1`));
      const isNoticed = (): boolean =>
        new Set(reported(network.reports, "failed")).size === expected.size;
      assert(network.until(isNoticed, bound));
      assertEquals(new Set(reported(network.reports, "failed")), expected);
    }),
    { numRuns: 20 },
  );
});

Deno.test("the accused object, and nobody believes the accuser", pure, () => {
  fc.assert(
    fc.property(
      seed,
      size,
      fc.constantFrom("suspect" as const, "dead" as const),
      (seed, size, kind) => {
        const { network, names } = meet(seed, size);
        const incarnation = network.get("m0").sees("m1")?.incarnation ?? 0;
        const bytes = encodeMessage({
          kind,
          incarnation,
          node: "m1",
          from: "nobody",
        });
        const from = { ip: "192.0.2.99", port: 7946 };
        network.give("m0", { kind: "packet", from, bytes });
        assertEquals(network.get("m0").names("alive").includes("m1"), false);
        assert(network.until(() => network.agree(names), SOON));
        assert((network.get("m0").sees("m1")?.incarnation ?? 0) > incarnation);
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test(
  "goodbye is known to all, and the name is free at once, anywhere",
  pure,
  () => {
    fc.assert(
      fc.property(seed, size, fc.boolean(), (seed, size, hasMoved) => {
        const { network, names } = meet(seed, size, { settings: SURE });
        const leaver = network.get("m1");
        network.give("m1", { kind: "leave", timeout: 10_000 });
        assert(network.until(() => leaver.ended.length > 1, 10_000));
        assertEquals(leaver.ended.at(-1), {
          kind: "goodbyeEnded",
          reason: "spread",
        });
        network.kill("m1");
        const others = names.filter((name) => name !== "m1");
        const isKnown = (): boolean =>
          others.every((name) => network.get(name).names("left").length === 1);
        assert(network.until(isKnown, SOON));
        assertEquals(reported(network.reports, "failed"), []);
        assertEquals(
          new Set(reported(network.reports, "left")),
          new Set(others.map((name) => `${name}: m1`)),
        );
        network.start("m1", {
          settings: SURE,
          ...(hasMoved ? { address: 200 } : {}),
        });
        network.join("m1", "m0");
        assert(network.until(() => network.agree(names), SOON));
      }),
      { numRuns: 20 },
    );
  },
);

Deno.test(
  "a crashed member returns under its name: before and after it is held dead",
  pure,
  () => {
    fc.assert(
      fc.property(seed, size, fc.boolean(), (seed, size, isHeldDead) => {
        const { network, names } = meet(seed, size);
        network.kill("m1");
        const others = names.filter((name) => name !== "m1");
        if (isHeldDead) {
          assert(network.until(() => network.agree(others), SOON));
        }
        network.start("m1", { meta: fromHex("01") });
        network.join("m1", "m0");
        const isKnown = (): boolean =>
          network.agree(names) &&
          others.every((name) =>
            network.get(name).sees("m1")?.meta.length === 1
          );
        assert(network.until(isKnown, SOON));
      }),
      { numRuns: 20 },
    );
  },
);

Deno.test(
  "a new address takes a dead member's name when it is forgotten, or may be reclaimed",
  pure,
  () => {
    for (const deadNodeReclaim of [0, 5000]) {
      const settings = { ...LOCAL, deadNodeReclaim };
      const { network, names } = meet(1, 4, { settings });
      network.kill("m1");
      const others = names.filter((name) => name !== "m1");
      assert(network.until(() => network.agree(others), SOON));
      const died = network.now;
      network.start("m1", { settings, address: 200 });
      network.join("m1", "m0");
      const isBack = (): boolean =>
        others.every((name) => network.get(name).names("alive").includes("m1"));
      while (!network.until(isBack, 2000)) network.join("m1", "m0");
      const waited = network.now - died;
      assert(network.get("m0").drops.includes("addressConflict"));
      assertEquals(
        waited > LOCAL.gossipToTheDead,
        deadNodeReclaim === 0,
        `${waited}`,
      );
    }
  },
);

Deno.test(
  "a partition heals when anybody joins anybody of the other side",
  pure,
  () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 4, max: 10 }), (seed, size) => {
        const { network, names } = meet(seed, size);
        const left = new Set(names.slice(0, size >> 1));
        const isSplit = (): boolean =>
          names.every((name) =>
            network.reports.some(({ by, change }) =>
              by === name && change.kind === "failed"
            )
          );
        network.loss = (from, to) => left.has(from) !== left.has(to);
        assert(network.until(isSplit, 60_000));
        network.loss = () => false;
        network.join("m0", names.at(-1) ?? "");
        assert(network.until(() => network.agree(names), SOON));
      }),
      { numRuns: 15 },
    );
  },
);

Deno.test("other metadata reach all", pure, () => {
  fc.assert(
    fc.property(seed, size, (seed, size) => {
      const { network, names } = meet(seed, size, { settings: SURE });
      network.give("m0", { kind: "meta", meta: fromHex("c0ffee") });
      const others = names.slice(1);
      const isKnown = (): boolean =>
        others.every((name) => network.get(name).sees("m0")?.meta.length === 3);
      assert(network.until(isKnown, 10_000));
      assertEquals(
        new Set(reported(network.reports, "updated")),
        new Set(others.map((name) => `${name}: m0`)),
      );
    }),
    { numRuns: 15 },
  );
});

Deno.test(
  "messages of the application reach as many as are gossiped to",
  pure,
  () => {
    const size = 1 + SURE.gossipNodes;
    const { network, names } = meet(1, size, { settings: SURE });
    network.give("m0", { kind: "broadcast", payload: fromHex("beef") });
    network.run(1000);
    for (const name of names.slice(1)) {
      assertEquals(network.get(name).delivered[0], fromHex("beef"));
    }
  },
);

Deno.test("keys change without a gap, round by round", pure, () => {
  const [old, next] = [new Uint8Array(32), new Uint8Array(32).fill(1)];
  let keyring = makeKeyring(old);
  const { network, names } = meet(1, 5, { keyring });
  const rounds = [addKey, useKey, removeKey];
  for (const [round, change] of rounds.entries()) {
    keyring = change(keyring, round === 2 ? old : next);
    for (const name of names) {
      network.give(name, { kind: "keyring", keyring });
      network.run(3000);
    }
  }
  assertEquals(reported(network.reports, "suspected"), []);
  assertEquals(names.flatMap((name) => network.get(name).drops), []);
});

Deno.test(
  "members that change their settings one by one stay together, and detect by the new ones",
  pure,
  () => {
    const { network, names } = meet(1, 5, { settings: WAN });
    for (const name of names) {
      network.give(name, { kind: "settings", settings: LOCAL });
      network.run(2000);
    }
    assertEquals(reported(network.reports, "suspected"), []);
    network.kill("m4");
    const living = names.slice(0, -1);
    const { max } = suspicionBounds(LOCAL, names.length);
    // All are probed in turn, and one of the probes has to fail.
    const limit = names.length * LOCAL.probeInterval + max;
    assert(limit < suspicionBounds(WAN, names.length).min);
    assert(network.until(() => network.agree(living), limit));
  },
);

Deno.test("another key, another label and no key stay outside", pure, () => {
  const keyring = makeKeyring(new Uint8Array(32));
  const network = new VirtualNetwork(1);
  network.start("m0", { keyring, label: makeLabel("east") });
  network.start("m1", { keyring, label: makeLabel("west") });
  network.start("m2", {
    keyring: makeKeyring(new Uint8Array(16)),
    label: makeLabel("east"),
  });
  network.start("m3", { label: makeLabel("east") });
  for (const name of ["m1", "m2", "m3"]) network.join(name, "m0");
  network.run(5000);
  const outcomes = ["m1", "m2", "m3"].map((name) =>
    network.get(name).ended.map((effect) =>
      effect.kind === "joinEnded" && effect.outcome === "failed"
        ? effect.reason
        : effect.kind
    )
  );
  assertEquals(outcomes, [["closed"], ["undecryptable"], ["undecryptable"]]);
  assertEquals(network.get("m0").drops.toSorted(), [
    "foreignLabel",
    "undecryptable",
    "undecryptable",
  ]);
  assertEquals(network.get("m0").machine.members.length, 1);
});

Deno.test("encryption is introduced into a running cluster", pure, () => {
  const keyring = makeKeyring(new Uint8Array(32));
  const phases = [
    { verifyIncoming: false, verifyOutgoing: false },
    { verifyIncoming: false, verifyOutgoing: true },
    { verifyIncoming: true, verifyOutgoing: true },
  ];
  const { network, names } = meet(1, 4);
  for (const phase of phases) {
    for (const name of names) {
      network.start(name, { keyring, settings: { ...LOCAL, ...phase } });
      network.join(name, ...names.filter((other) => other !== name));
      assert(network.until(() => network.agree(names), SOON));
    }
  }
  assertEquals(reported(network.reports, "failed"), []);
  const bytes = sealPacket(encodeMessage({ kind: "nack", sequence: 1 }), {
    label: makeLabel(""),
    encryptionVersion: 1,
    verifyIncoming: true,
    verifyOutgoing: true,
    fillRandom: () => {},
  }, { compression: false, checksum: false });
  const from = { ip: "192.0.2.99", port: 7946 };
  network.give("m0", { kind: "packet", from, bytes });
  assertEquals(network.get("m0").drops.at(-1), "undecryptable");
});

Deno.test(
  "a member whose packets get lost, but not its streams, is kept",
  pure,
  () => {
    const { network } = meet(1, 3, { settings: LAN });
    const machine = network.get("m1");
    network.loss = (from, to) =>
      (from === "m1" || to === "m1") && machine.waiting.size === 0 &&
      network.get("m0").waiting.size === 0 &&
      network.get("m2").waiting.size === 0;
    network.run(20_000);
    assertEquals(reported(network.reports, "failed"), []);
  },
);
