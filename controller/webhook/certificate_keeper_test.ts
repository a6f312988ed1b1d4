import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { EmbeddedCluster } from "../../tests/embedded_cluster.ts";
import { ManualClock, settle } from "../../tests/manual_clock.ts";
import {
  convertedDefinition,
  WEBHOOK_KINDS,
  webhookConfiguration,
} from "../../tests/webhook_kinds.ts";
import {
  inspectCertificate,
  isSignedBy,
  type KeyPair,
  loadIssuer,
  splitBundle,
} from "../../mod/certificates/mod.ts";
import {
  type BundleHolder,
  CONFIGURATION_NAME,
  CONVERTED_DEFINITION_NAME,
  CUSTOM_RESOURCE_DEFINITIONS,
  readCertificates,
  type Secret,
  SECRETS,
  WEBHOOK_CONFIGURATIONS,
  writeCertificates,
} from "../../mod/webhook/mod.ts";
import { BundleInjector } from "./bundle_injector.ts";
import { CertificateKeeper } from "./certificate_keeper.ts";
import { NAMESPACES } from "../../mod/kube/mod.ts";

const NAMESPACE = "metallb-system";
const NAME = "metallb-webhook-cert";
const SERVICE = "metallb-webhook-service.metallb-system.svc";
const DAY = 24 * 3_600_000;
const NONE = { permissions: "none" } as const;

const { issueAuthority, issueServer } = await loadIssuer();

/** A cluster with replicas that keep its certificates. */
class World implements AsyncDisposable {
  readonly cluster = new EmbeddedCluster(WEBHOOK_KINDS);
  readonly clock = new ManualClock();
  readonly shown: KeyPair[][] = [];
  readonly keepers: CertificateKeeper[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];

  static async with(
    data: Readonly<Record<string, string>> | undefined,
    strategy: "Webhook" | "None" = "Webhook",
  ): Promise<World> {
    const world = new World();
    const { client } = world.cluster;
    await client.create(NAMESPACES, { metadata: { name: NAMESPACE } });
    if (data !== undefined) {
      const metadata = { name: NAME, namespace: NAMESPACE };
      await client.create(SECRETS, { metadata, data });
    }
    await client.create(
      WEBHOOK_CONFIGURATIONS,
      webhookConfiguration(CONFIGURATION_NAME),
    );
    await client.create(
      CUSTOM_RESOURCE_DEFINITIONS,
      convertedDefinition(CONVERTED_DEFINITION_NAME, strategy),
    );
    world.cluster.requests.length = 0;
    return world;
  }

  /** Starts a replica. */
  start(show?: (pair: KeyPair) => Promise<void>): CertificateKeeper {
    const shown: KeyPair[] = [];
    const keeper = new CertificateKeeper({
      client: this.cluster.client,
      clock: this.clock,
      random: () => 0.5,
      log: getLogger(["herald", "test"]),
      namespace: NAMESPACE,
      secretName: NAME,
      dnsNames: [SERVICE],
      show: show ?? ((pair) => {
        shown.push(pair);
        return Promise.resolve();
      }),
    });
    this.shown.push(shown);
    this.keepers.push(keeper);
    this.#running.push(keeper.run(this.#stop.signal));
    return keeper;
  }

  async secret(
    isReached: (data: ReturnType<typeof readCertificates>) => boolean,
  ): Promise<ReturnType<typeof readCertificates>> {
    const read = (secrets: ReadonlyMap<string, Secret>) => {
      const secret = secrets.get(NAME);
      return secret === undefined ? {} : readCertificates(secret);
    };
    return read(
      await this.cluster.until(SECRETS, (secrets) => isReached(read(secrets))),
    );
  }

  /** The bundle when it is everywhere. */
  async bundle(isReached: (pem: string) => boolean): Promise<void> {
    const all = (objects: ReadonlyMap<string, BundleHolder>) =>
      [...objects.values()].every(({ bundles }) =>
        bundles.every(({ caBundle = "" }) => isReached(atob(caBundle)))
      );
    await this.cluster.until(WEBHOOK_CONFIGURATIONS, all);
    await this.cluster.until(CUSTOM_RESOURCE_DEFINITIONS, all);
  }

  /** Waits until nothing happens any more. */
  async quiet(): Promise<void> {
    let before = -1;
    while (before !== this.cluster.requests.length) {
      before = this.cluster.requests.length;
      await settle();
    }
  }

  writes(): readonly string[] {
    return this.cluster.requests.filter((request) =>
      !request.startsWith("GET")
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.cluster[Symbol.dispose]();
    await Promise.all(this.#running);
  }
}

const SECRET_PATH = `/api/v1/namespaces/${NAMESPACE}/secrets/${NAME}`;
const CONFIGURATION_PATH =
  `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${CONFIGURATION_NAME}`;
const DEFINITION_PATH =
  `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${CONVERTED_DEFINITION_NAME}`;

Deno.test(
  "CertificateKeeper fills an empty Secret, shows it, and says whom to trust",
  NONE,
  async () => {
    await using world = await World.with({});
    const keeper = world.start();
    assertStringIncludes(keeper.problem ?? "", NAME);
    const secret = await world.secret((data) => data["tls.crt"] !== undefined);
    const authority = secret["ca.crt"] ?? "";
    await world.bundle((pem) => pem === authority);
    await world.quiet();
    assertEquals(keeper.problem, undefined);
    assertEquals(world.shown[0], [{
      certificate: secret["tls.crt"] ?? "",
      privateKey: secret["tls.key"] ?? "",
    }]);
    assert(isSignedBy(secret["tls.crt"] ?? "", authority));
    const { dnsNames } = inspectCertificate(secret["tls.crt"] ?? "");
    assertEquals(dnsNames, [SERVICE]);
    assertEquals(world.writes(), [
      `PATCH ${SECRET_PATH}`,
      `PATCH ${CONFIGURATION_PATH}`,
      `PATCH ${DEFINITION_PATH}`,
    ]);
  },
);

Deno.test(
  "CertificateKeeper makes the Secret where it may, and leaves alone what converts by itself",
  NONE,
  async () => {
    await using world = await World.with(undefined, "None");
    world.start();
    const secret = await world.secret((data) => data["tls.crt"] !== undefined);
    await world.bundle((pem) => pem === secret["ca.crt"]);
    await world.quiet();
    assertEquals(world.writes(), [
      `POST /api/v1/namespaces/${NAMESPACE}/secrets`,
      `PATCH ${CONFIGURATION_PATH}`,
    ]);
  },
);

Deno.test("two replicas share what one of them made", NONE, async () => {
  await using world = await World.with({});
  world.start();
  world.start();
  const secret = await world.secret((data) => data["tls.crt"] !== undefined);
  await world.bundle((pem) => pem === secret["ca.crt"]);
  await world.quiet();
  await world.clock.advance(60_000);
  await world.quiet();
  const [one, other] = world.shown;
  assertEquals(one, other);
  assertEquals(one?.length, 1);
  assertEquals(one?.[0]?.certificate, secret["tls.crt"]);
});

Deno.test("CertificateKeeper repairs what somebody removes", NONE, async () => {
  await using world = await World.with({});
  world.start();
  const { "ca.crt": authority = "" } = await world.secret((data) =>
    data["tls.crt"] !== undefined
  );
  await world.bundle((pem) => pem === authority);
  await world.quiet();
  const { client } = world.cluster;
  await client.patch(WEBHOOK_CONFIGURATIONS, { name: CONFIGURATION_NAME }, {
    type: "json",
    body: [{ op: "remove", path: "/webhooks/1/clientConfig/caBundle" }],
  });
  await world.quiet();
  await world.bundle((pem) => pem === authority);
  // What is as it should be is not written.
  assertEquals(
    world.writes().filter((each) => each.endsWith(DEFINITION_PATH)).length,
    1,
  );
});

/** A Secret whose authority ends in 60 days. */
function ending(date: number): Readonly<Record<string, string>> {
  const authority = issueAuthority("old", date - 3590 * DAY);
  const server = issueServer(authority, { dnsNames: [SERVICE] }, date - DAY);
  return writeCertificates({
    "ca.crt": authority.certificate,
    "ca.key": authority.privateKey,
    "tls.crt": server.certificate,
    "tls.key": server.privateKey,
  });
}

Deno.test(
  "CertificateKeeper makes an authority known before it is used",
  NONE,
  async () => {
    await using world = await World.with(
      ending(new ManualClock().date().getTime()),
    );
    world.start();
    const introduced = await world.secret((data) =>
      splitBundle(data["ca.crt"] ?? "").length === 2
    );
    const [fresh = "", old = ""] = splitBundle(introduced["ca.crt"] ?? "");
    await world.bundle((pem) => pem === introduced["ca.crt"]);
    await world.quiet();
    await world.clock.advance(9_999);
    await world.quiet();
    assertEquals(world.shown[0]?.length, 1);
    assert(isSignedBy(world.shown[0]?.[0]?.certificate ?? "", old));
    await world.clock.advance(1);
    await world.quiet();
    assertEquals(world.shown[0]?.length, 2);
    assert(isSignedBy(world.shown[0]?.[1]?.certificate ?? "", fresh));
    // The old one stays as long as it is valid.
    await world.bundle((pem) => pem === introduced["ca.crt"]);
  },
);

Deno.test(
  "CertificateKeeper looks again before a certificate ends",
  NONE,
  async () => {
    await using world = await World.with({});
    world.start();
    await world.secret((data) => data["tls.crt"] !== undefined);
    await world.quiet();
    world.clock.jump(274 * DAY);
    await world.clock.advance(0);
    await world.quiet();
    assertEquals(world.shown[0]?.length, 1);
    world.clock.jump(2 * DAY);
    await world.clock.advance(0);
    await world.quiet();
    assertEquals(world.shown[0]?.length, 2);
  },
);

Deno.test(
  "CertificateKeeper says why nothing is shown, and tries again",
  NONE,
  async () => {
    await using world = await World.with({});
    let isTaken = true;
    const keeper = world.start(() =>
      isTaken
        ? Promise.reject(new Error("the port is taken"))
        : Promise.resolve()
    );
    await world.secret((data) => data["tls.crt"] !== undefined);
    await world.quiet();
    assertEquals(keeper.problem, "the port is taken");
    isTaken = false;
    await world.clock.advance(5_000);
    await world.quiet();
    assertEquals(keeper.problem, undefined);
  },
);

Deno.test("BundleInjector writes nothing for who is behind", NONE, async () => {
  await using world = await World.with({});
  const { cluster: { client }, clock } = world;
  const log = getLogger(["herald", "test"]);
  const options = { client, clock, random: () => 0.5, log };
  const injector = new BundleInjector(options, () => {});
  const stop = new AbortController();
  const running = injector.run(stop.signal);
  await world.quiet();
  const inject = (isCurrent: boolean) =>
    injector.inject("YQ==", () => Promise.resolve(isCurrent), stop.signal);
  await inject(false);
  assertEquals(world.writes().length, 0);
  await inject(true);
  assertEquals(world.writes().length, 2);
  stop.abort();
  await running;
});
