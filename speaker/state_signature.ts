/** Tells whether the packet worker is to be given another state. */
import type { DesiredState } from "../mod/layer2/mod.ts";
import { formatIp, formatMac } from "../mod/net/mod.ts";

/** A text that is the same for the same addresses and interfaces. */
export function stateSignature(
  { addresses, interfaces }: Pick<DesiredState, "addresses" | "interfaces">,
): string {
  return JSON.stringify(
    [
      addresses.map((each) => [formatIp(each.ip), each.interfaces]),
      interfaces.map((each) => ({ ...each, mac: formatMac(each.mac) })),
    ],
    // JSON has no word for the numbers that addresses are.
    (_, value) => typeof value === "bigint" ? value.toString() : value,
  );
}
