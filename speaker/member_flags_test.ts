import { assertEquals, assertThrows } from "@std/assert";
import { MEMBER_FLAGS } from "./member_flags.ts";

const pure = { permissions: "none" } as const;

Deno.test("--ml-bindaddr takes an address, in its canonical form", pure, () => {
  const { parse } = MEMBER_FLAGS["ml-bindaddr"];
  assertEquals(parse("192.0.2.1"), "192.0.2.1");
  assertEquals(parse("2001:DB8:0:0::1"), "2001:db8::1");
});

Deno.test.each(["node-a", "", "192.0.2.300", "0.0.0.0", "::", "224.0.0.1"])(
  '--ml-bindaddr refuses "%s" and says what it takes',
  pure,
  (text) => {
    assertThrows(
      () => MEMBER_FLAGS["ml-bindaddr"].parse(text),
      Error,
      `takes an IP address at which the other nodes reach this one, not "${text}"`,
    );
  },
);
