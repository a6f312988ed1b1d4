/** A write that a rule is about, and what comes of it. */
import type { DenialReason } from "../../mod/webhook/mod.ts";
import type { Manifest } from "../kubernetes/mod.ts";

/** A write, and what comes of it. */
export type Row =
  /** `kubectl apply` fails, and says all of this. */
  | { readonly refused: Manifest; readonly says: readonly string[] }
  /** `kubectl create` fails: there is such an object. */
  | { readonly exists: Manifest }
  /** A server-side create fails, because kubectl would not even send it. */
  | { readonly posted: Manifest; readonly says: readonly string[] }
  /** `kubectl delete` fails. */
  | {
    readonly kept: readonly [kind: string, name: string];
    readonly says: readonly string[];
  }
  /** `kubectl apply` succeeds with a warning. */
  | { readonly warned: Manifest; readonly says: readonly string[] }
  /** `kubectl apply` succeeds: the rule is about what others may change at any time. */
  | { readonly stored: Manifest };

/** Rows of some rules. */
export type Rows = Readonly<Partial<Record<DenialReason, readonly Row[]>>>;
