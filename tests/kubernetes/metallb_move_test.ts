/**
 * The README's commands from MetalLB to Herald and back, against a real
 * kube-apiserver with MetalLB's own manifests. There are no nodes: what speakers
 * do is looked at in tests/lab/metallb_test.ts.
 */
import { assertEquals } from "@std/assert";
import { NEW_RELEASE } from "../interop/metallb/program.ts";
import { whyNotInstallable } from "../installed_cluster.ts";
import { skip } from "../privileges.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { fetchModule } from "./metallb_module.ts";
import { blocksBelow, kubectlBelow } from "./readme_commands.ts";
import { shell } from "./shell.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NAMESPACE = "metallb-system";
const READY = /^until .*?; done$/gms;
const ROLLED_OUT = /^kubectl .* rollout status .*$/gm;

/** What is there before: a pool, a node, and the Secret as MetalLB's controller makes it. */
const OBJECTS = (uid: string): string => `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: office, namespace: ${NAMESPACE} }
spec: { addresses: [192.0.2.0/30] }
---
apiVersion: v1
kind: Node
metadata: { name: node-a }
---
apiVersion: v1
kind: Secret
metadata:
  name: memberlist
  namespace: ${NAMESPACE}
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: controller, uid: ${uid} }]
stringData: { secretkey: secret }
`;

/** A cluster with MetalLB, and the folder with the README's files and MetalLB's. */
class Move implements AsyncDisposable {
  readonly #plane: Cluster;
  readonly #folder: string;

  private constructor(plane: Cluster, folder: string) {
    this.#plane = plane;
    this.#folder = folder;
  }

  /** Installs MetalLB by its manifests, as its documentation says. */
  static async start(manifests: string): Promise<Move> {
    await Deno.mkdir(`${ROOT}.cache`, { recursive: true });
    const folder = await Deno.makeTempDir({ dir: `${ROOT}.cache` });
    const move = new Move(await startCluster(), folder);
    await Deno.copyFile(manifests, `${folder}/metallb-native.yaml`);
    await Deno.chmod(`${folder}/metallb-native.yaml`, 0o644);
    await Deno.mkdir(`${folder}/herald`);
    const [kustomization = ""] = await blocksBelow(
      "## Moving from MetalLB, and back",
      "yaml",
    );
    await Deno.writeTextFile(
      `${folder}/herald/kustomization.yaml`,
      kustomization.replace("path/to/herald", "../../.."),
    );
    await move.run("kubectl apply --filename metallb-native.yaml");
    // Nobody answers them here.
    await move.run(
      "kubectl delete validatingwebhookconfiguration metallb-webhook-configuration",
    );
    const uid = await move.field("deployment/controller", "{.metadata.uid}");
    await Deno.writeTextFile(`${folder}/objects.yaml`, OBJECTS(uid));
    await move.run("kubectl apply --filename objects.yaml");
    return move;
  }

  /** Runs commands as they stand in the README, but waits for nothing: no Pod runs. */
  async run(commands: string): Promise<string> {
    const text = commands.replaceAll(READY, "").replaceAll(ROLLED_OUT, "");
    return await shell(this.#plane, `cd ${this.#folder}\n${text}`);
  }

  /** A field of an object; empty = there is none. */
  async field(object: string, path: string): Promise<string> {
    return await this.run(
      `kubectl --namespace ${NAMESPACE} get ${object} --ignore-not-found --output 'jsonpath=${path}'`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plane[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

const SPEC = "{.spec.template.spec";
const LABELS_OF_MEMBERS =
  `${SPEC}.containers[0].env[?(@.name=="METALLB_ML_LABELS")].value}`;

/** What must be so all the while. */
async function isKept(move: Move): Promise<void> {
  const name = "{.metadata.name}";
  assertEquals(await move.field("ipaddresspool/office", name), "office");
  assertEquals(await move.field("secret/memberlist", name), "memberlist");
}

async function moves(move: Move): Promise<void> {
  const heading = "## Moving from MetalLB, and back";
  const [prepare = "", apply = "", label = ""] = await kubectlBelow(heading);
  await move.run(prepare);
  assertEquals(
    await move.field("daemonset/speaker", "{.spec.updateStrategy}"),
    '{"type":"OnDelete"}',
  );
  assertEquals(
    await move.field("daemonset/speaker", LABELS_OF_MEMBERS),
    "component=speaker",
  );
  assertEquals(
    await move.field("deployment/controller", "{.spec.replicas}"),
    "0",
  );
  assertEquals(
    await move.field("secret/memberlist", "{.metadata.ownerReferences}"),
    "",
  );
  await move.run(apply);
  const selector = `${SPEC}.nodeSelector.herald-lb\\.io/speaker}`;
  assertEquals(await move.field("daemonset/herald-speaker", selector), "true");
  assertEquals(
    await move.field(
      "daemonset/herald-speaker",
      `${SPEC}.containers[0].env[?(@.name=="HERALD_ML_KEY_DERIVATION")].value}`,
    ),
    "padded",
  );
  await move.run(label);
  const isMoved = "{.metadata.labels.herald-lb\\.io/speaker}";
  assertEquals(await move.field("node/node-a", isMoved), "true");
  await isKept(move);
}

async function movesBack(move: Move): Promise<void> {
  const [label = "", end = ""] = await kubectlBelow("### The way back");
  await move.run(label);
  assertEquals(
    await move.field(
      "node/node-a",
      "{.metadata.labels.herald-lb\\.io/speaker}",
    ),
    "",
  );
  await move.run(end);
  for (
    const object of ["daemonset/herald-speaker", "deployment/herald-controller"]
  ) {
    assertEquals(await move.field(object, "{.metadata.name}"), "");
  }
  assertEquals(
    await move.field("deployment/controller", "{.spec.replicas}"),
    "1",
  );
  assertEquals(await move.field("daemonset/speaker", `${SPEC}.affinity}`), "");
  assertEquals(
    await move.field("daemonset/speaker", LABELS_OF_MEMBERS),
    "app=metallb,component=speaker",
  );
  // The webhooks are MetalLB's, and ask its Pods.
  assertEquals(
    await move.field("service/metallb-webhook-service", "{.spec.selector}"),
    '{"component":"controller"}',
  );
  assertEquals(
    await move.field(
      "customresourcedefinition/bgppeers.metallb.io",
      "{.spec.conversion.strategy}",
    ),
    "Webhook",
  );
  await isKept(move);
}

async function ends(move: Move): Promise<void> {
  const heading = "## Moving from MetalLB, and back";
  const [, , , end = ""] = await kubectlBelow(heading);
  await move.run(end);
  for (const object of ["daemonset/speaker", "deployment/controller"]) {
    assertEquals(await move.field(object, "{.metadata.name}"), "");
  }
  await isKept(move);
}

const reason = await whyNotInstallable();

const { version } = NEW_RELEASE;
const name = `the README's commands move from MetalLB ${version}, and back`;
const module = reason === undefined
  ? await fetchModule(`go.universe.tf/metallb@${version}`)
  : { kind: "unavailable", reason } as const;
if (module.kind === "unavailable") {
  skip(name, module.reason, { required: false });
} else {
  Deno.test(name, async (context) => {
    const file = "config/manifests/metallb-native.yaml";
    await using move = await Move.start(`${module.root}/${file}`);
    await context.step("to Herald", () => moves(move));
    await context.step("back", () => movesBack(move));
    await context.step("to Herald again, for good", async () => {
      await moves(move);
      await ends(move);
    });
  });
}
