/**
 * The rows in which Herald does the right thing where MetalLB 0.16.2 has a
 * defect. At most 3 % of a corpus; `conformance_test.ts` enforces that.
 */
import { ALLOCATION_EXCEPTIONS } from "./allocation_exceptions.ts";
import type { Exception } from "./runner.ts";

/** All exceptions, by format and row. */
export const EXCEPTIONS: readonly Exception[] = [
  ...ALLOCATION_EXCEPTIONS,
  {
    format: "config",
    row: "address-invalid-023",
    section: "12 (12)",
    because:
      "192.0.2.0/024 is no prefix: some parsers would read the length as octal.",
    ours: { valid: false, class: "cidrInvalid", summary: "(absent)" },
  },
];
