/**
 * The rows in which Herald does the right thing where MetalLB 0.16.2 has a
 * defect. At most 3 % of a corpus; `exceptions_test.ts` enforces that.
 */
import type { Exception } from "./runner.ts";

/** All exceptions, by format and row. */
export const EXCEPTIONS: readonly Exception[] = [];
