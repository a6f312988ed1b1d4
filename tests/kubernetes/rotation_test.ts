/** The README's commands for another key of the members, on a real API server. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  type MemberSecrets,
  readMemberSecrets,
  SECRET_FILES,
} from "../../mod/config/mod.ts";
import { whyNotInstallable } from "../installed_cluster.ts";
import { skip } from "../privileges.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { blocksBelow } from "./readme_commands.ts";
import { shell } from "./shell.ts";

const NAME = "the README's commands replace the members' key step by step";
const NAMESPACE = "metallb-system";

/** What speakers make of the Secret once it is mounted. */
async function secrets(plane: Cluster): Promise<MemberSecrets> {
  const path = `/api/v1/namespaces/${NAMESPACE}/secrets/memberlist`;
  const { data } = await (await plane.fetch(path)).json();
  const text = (name: string): string | undefined =>
    data[name] === undefined ? undefined : atob(data[name]);
  const result = readMemberSecrets({
    primary: text(SECRET_FILES.primary),
    next: text(SECRET_FILES.next),
    previous: text(SECRET_FILES.previous),
  });
  assert(result.kind === "secrets", Deno.inspect(result));
  return result.secrets;
}

async function rotate(): Promise<void> {
  const blocks = await blocksBelow("### Replace the members' key", "sh");
  const steps = blocks.filter((block) => block.includes(" patch secret "));
  const [learn = "", use = "", forget = ""] = steps;
  assertEquals(steps.length, 3);
  await using plane = await startCluster();
  await shell(
    plane,
    `kubectl create namespace ${NAMESPACE}
    kubectl --namespace ${NAMESPACE} create secret generic memberlist --from-literal=secretkey=old`,
  );
  await shell(plane, learn);
  const { primary, accepted: [next = ""] } = await secrets(plane);
  assertEquals(primary, "old");
  // 32 bytes in base64.
  assertEquals(next.length, 44);
  await shell(plane, use);
  assertEquals(await secrets(plane), { primary: next, accepted: ["old"] });
  await shell(plane, forget);
  assertEquals(await secrets(plane), { primary: next, accepted: [] });
  await shell(plane, learn);
  assertNotEquals((await secrets(plane)).accepted, [next]);
}

const reason = await whyNotInstallable();
if (reason === undefined) Deno.test(NAME, rotate);
else skip(NAME, reason, { required: false });
