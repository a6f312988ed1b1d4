import { assertEquals, assertThrows } from "@std/assert";
import { toHex } from "../../tests/bytes.ts";
import {
  addKey,
  allKeys,
  makeKeyring,
  metallbKey,
  metallbKeyring,
  removeKey,
  useKey,
} from "./mod.ts";

const pure = { permissions: "none" } as const;

function key(byte: number, length = 32): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

function firstBytes(keys: readonly Uint8Array[]): number[] {
  return keys.map(([first = -1]) => first);
}

// The hash API of Go, called as the releases before 0.16.2 call it.
Deno.test.each([
  {
    secret: "metallb-secret",
    hex: "6d6574616c6c622d736563726574e3b0c44298fc1c149afbf4c8996fb92427ae",
  },
  {
    secret: "short",
    hex: "73686f7274e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49599",
  },
  {
    secret: "0123456789abcdef0123456789abcdef0123",
    hex: "3031323334353637383961626364656630313233343536373839616263646566",
  },
])("metallbKey() pads $secret as before 0.16.2", pure, ({ secret, hex }) => {
  assertEquals(toHex(metallbKey(secret, "padded")), hex);
});

Deno.test.each(
  [
    { derivation: "sha256", other: "padded" },
    { derivation: "padded", other: "sha256" },
  ] as const,
)(
  "metallbKeyring() encrypts with $derivation keys and takes $other ones",
  pure,
  ({ derivation, other }) => {
    const texts = { primary: "new", accepted: ["old"] };
    const keyring = metallbKeyring(texts, derivation);
    assertEquals(keyring.primary, metallbKey("new", derivation));
    assertEquals(keyring.others, [
      metallbKey("old", derivation),
      metallbKey("new", other),
      metallbKey("old", other),
    ]);
  },
);

Deno.test("a key is changed in three rounds", pure, () => {
  const old = makeKeyring(key(1));
  const both = addKey(old, key(2));
  assertEquals(firstBytes(allKeys(both)), [1, 2]);
  const next = useKey(both, key(2));
  assertEquals(firstBytes(allKeys(next)), [2, 1]);
  assertEquals(firstBytes(allKeys(removeKey(next, key(1)))), [2]);
});

Deno.test("a keyring holds each key once", pure, () => {
  const keyring = makeKeyring(key(1), [key(2), key(1), key(2)]);
  assertEquals(firstBytes(allKeys(keyring)), [1, 2]);
  assertEquals(useKey(keyring, key(1)), keyring);
  assertEquals(addKey(keyring, key(2)), keyring);
});

Deno.test.each([16, 24, 32].map((length) => ({ length })))(
  "a key may have $length bytes",
  pure,
  ({ length }) => {
    assertEquals(makeKeyring(key(1, length)).primary.length, length);
  },
);

Deno.test.each([
  { name: "a key of 31 bytes", change: () => makeKeyring(key(1, 31)) },
  {
    name: "another key of no bytes",
    change: () => makeKeyring(key(1), [key(2, 0)]),
  },
  {
    name: "encrypting with an unknown key",
    change: () => useKey(makeKeyring(key(1)), key(2)),
  },
  {
    name: "removing the primary key",
    change: () => removeKey(makeKeyring(key(1), [key(2)]), key(1)),
  },
])("a keyring refuses $name", pure, ({ change }) => {
  assertThrows(change, RangeError, "Cannot");
});
