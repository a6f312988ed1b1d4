import { assertEquals, assertNotEquals } from "@std/assert";
import { link, stateOf } from "../../tests/desired_states.ts";
import { membershipKeys } from "../crypto/mod.ts";
import { parseIp } from "../net/mod.ts";
import type { DesiredState } from "./desired_state.ts";
import { signatureOf } from "./state_signature.ts";

const options = { permissions: "none" } as const;

const keys = (secret: string): ReturnType<typeof membershipKeys> =>
  membershipKeys(new TextEncoder().encode(secret));

/** A new state that says the same each time, but for the changes. */
function state(changes: Partial<DesiredState> = {}): DesiredState {
  const interfaces = [{
    ...link(2),
    ipv4: parseIp("192.0.2.10"),
    linkLocal: parseIp("fe80::a"),
  }];
  return {
    ...stateOf(interfaces, "192.0.2.1", "2001:db8::1"),
    membership: {
      self: 1,
      ownMacs: [Uint8Array.of(2, 0, 0, 0, 0, 2)],
      keys: [keys("cluster")],
      port: 7473,
      peers: [],
      groups: [],
    },
    ...changes,
  };
}

Deno.test(
  "signatureOf() is the same for a state that says the same",
  options,
  () => {
    assertEquals(signatureOf(state()), signatureOf(state()));
  },
);

const { membership } = state();

const CHANGES: readonly (readonly [string, Partial<DesiredState>])[] = [
  ["another address", { addresses: stateOf([], "192.0.2.2").addresses }],
  ["another interface", { interfaces: [link(4)] }],
  ["an interface's own address", {
    interfaces: [{ ...link(2), ipv4: parseIp("192.0.2.11") }],
  }],
  ...membership === undefined ? [] : [
    ["another key", { membership: { ...membership, keys: [keys("other")] } }],
    ["another MAC address", {
      membership: { ...membership, ownMacs: [Uint8Array.of(2, 0, 0, 0, 0, 3)] },
    }],
    ["a peer", {
      membership: {
        ...membership,
        peers: [{
          node: 2,
          isAlive: true,
          hasLeft: false,
          speaksClaims: true,
          stations: [],
        }],
      },
    }],
  ] as const,
];

for (const [what, change] of CHANGES) {
  Deno.test(`signatureOf() is another one for ${what}`, options, () => {
    assertNotEquals(signatureOf(state(change)), signatureOf(state()));
  });
}
