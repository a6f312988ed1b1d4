import type { IpFamily } from "../net/mod.ts";

/** Families of one or two addresses. */
export type Families = IpFamily | "DualStack";
