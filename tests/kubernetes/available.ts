/** Whether tests against a real kube-apiserver run here, and the idiom to declare one. */
import { skip } from "../privileges.ts";
import { findKubernetes, type Unavailable } from "./binaries.ts";

/** Whether a test runs, is skipped, or must fail for what is missing. */
export type Availability =
  | { readonly kind: "available" }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "required"; readonly reason: string };

/** Under `CI=true` with Go at hand nothing excuses a skip. */
export function judgeAvailability(
  found: Unavailable | { readonly kind: "available" },
  ci: boolean,
): Availability {
  if (found.kind === "available") return { kind: "available" };
  const kind = ci && found.goPresent ? "required" : "unavailable";
  return { kind, reason: found.reason };
}

/** Looks at this machine. */
export async function kubernetesAvailability(): Promise<Availability> {
  return judgeAvailability(
    await findKubernetes(),
    Deno.env.get("CI") === "true",
  );
}

/**
 * Declares a test that needs a real kube-apiserver. Where there can be none it
 * is ignored and the reason printed.
 *
 * @throws {Error} Instead of that under `CI=true` with Go present.
 */
export async function kubernetesTest(
  name: string,
  body: (context: Deno.TestContext) => Promise<void>,
): Promise<void> {
  const availability = await kubernetesAvailability();
  if (availability.kind === "available") {
    Deno.test(name, body);
    return;
  }
  const required = availability.kind === "required";
  skip(name, availability.reason, { required });
}
