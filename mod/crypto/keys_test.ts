import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { hkdfSync } from "node:crypto";
import { toHex } from "../../tests/bytes.ts";
import { membershipKeys, secretFingerprint } from "./mod.ts";

const pure = { permissions: "none" } as const;

function hkdf(secret: Uint8Array, info: string): string {
  const salt = "herald-lb.io membership v1";
  return toHex(
    new Uint8Array(hkdfSync("sha256", secret, salt, info, 32)),
  );
}

Deno.test("membershipKeys() are those of HKDF (RFC 5869)", pure, () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (secret) => {
    const { beats, claims } = membershipKeys(secret);
    assertEquals(toHex(beats), hkdf(secret, "heartbeats"));
    assertEquals(toHex(claims), hkdf(secret, "claims in frames"));
  }));
});

Deno.test(
  "secretFingerprint() is the beginning of a key of its own",
  pure,
  () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (secret) => {
      const whole = hkdf(secret, "fingerprint");
      assertEquals(secretFingerprint(secret), whole.slice(0, 8));
    }));
  },
);

Deno.test("membershipKeys() differ by use and by secret", pure, () => {
  const one = membershipKeys(Uint8Array.of(1));
  const two = membershipKeys(Uint8Array.of(2));
  assertNotEquals(one.beats, one.claims);
  assertNotEquals(one.beats, two.beats);
  assertNotEquals(one.claims, two.claims);
});
