/** Whether tests against a real kube-apiserver run here, and the idiom to declare one. */
import { findKubernetes, type Kubernetes } from "./binaries.ts";

/** Whether a test runs, is skipped, or must fail for what is missing. */
export type Availability =
  | { readonly kind: "available" }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "required"; readonly reason: string };

/** Under `CI=true` with Go at hand nothing excuses a skip. */
export function judgeAvailability(
  found: Kubernetes,
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
 * Declares a test that needs a real kube-apiserver: skipped with the reason in
 * its name where there can be none, failing where there must be one.
 */
export async function kubernetesTest(
  name: string,
  body: (context: Deno.TestContext) => Promise<void>,
): Promise<void> {
  const availability = await kubernetesAvailability();
  switch (availability.kind) {
    case "available":
      Deno.test(name, body);
      return;
    case "unavailable":
      Deno.test({
        name: `${name} (skipped: ${availability.reason})`,
        ignore: true,
        fn: body,
      });
      return;
    case "required":
      Deno.test(name, () => {
        throw new Error(
          `Cannot run against a real kube-apiserver: ${availability.reason}`,
        );
      });
  }
}
