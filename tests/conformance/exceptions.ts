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
  {
    format: "config",
    row: "peer-042",
    section: "12 (10)",
    because:
      "An IPv6 router ID does not fit into the OPEN message, which would never be sent.",
    ours: { valid: false, class: "routerIDInvalid", summary: "(absent)" },
  },
  ...["timers-011", "timers-012"].map((row): Exception => ({
    format: "config",
    row,
    section: "12 (11)",
    because:
      "A hold time of half a second would be sent as 0, which means that the session is never given up.",
    ours: { valid: false, class: "holdTimeInvalid", summary: "(absent)" },
  })),
  ...["admission-019-password-and-secret", "admission-021-password-and-secret"]
    .map((row): Exception => ({
      format: "config",
      row,
      section: "7.5",
      because:
        "No later object makes a password besides a Secret right, so the webhook refuses it.",
      ours: { valid: false, class: "passwordAndSecret" },
    })),
  ...["admission-016-duplicate-alias", "admission-018-duplicate-alias"]
    .map((row): Exception => ({
      format: "config",
      row,
      section: "7.5",
      because:
        "No later object makes it right to list a name twice, so the webhook refuses it.",
      ours: { valid: false, class: "duplicateCommunity" },
    })),
];
