import { assertEquals } from "@std/assert";
import { withoutIpv6 } from "./without_ipv6.ts";

/** As the runtime makes it. */
function failure(code: string): Error {
  return Object.assign(new Error("Cannot listen"), { code });
}

const NO_IPV6 = failure("EAFNOSUPPORT");

Deno.test.each<
  { readonly at: string; readonly error: unknown; readonly to?: string }
>([
  { at: "::", error: NO_IPV6, to: "0.0.0.0" },
  { at: "::", error: failure("EADDRINUSE") },
  { at: "::", error: new Error("Cannot listen") },
  { at: "::", error: "EAFNOSUPPORT" },
  { at: "::1", error: NO_IPV6 },
  { at: "2001:db8::1", error: NO_IPV6 },
])(
  "withoutIpv6() where $at cannot be bound gives $to",
  { permissions: "none" },
  ({ at, error, to }) => {
    const port = 7472;
    const other = to === undefined ? undefined : { hostname: to, port };
    assertEquals(withoutIpv6({ hostname: at, port }, error), other);
  },
);
