/** An embedded API server on a loopback port, and objects to begin with. */
import { ApiServer } from "../../mod/apiserver/mod.ts";
import { sliceOf } from "../endpoint_slices.ts";
import type { KeyPair } from "../../mod/certificates/mod.ts";
import { freePort } from "../free_port.ts";
import { WEBHOOK_KINDS } from "../webhook_kinds.ts";

interface WithIngress {
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip: string }[];
    };
  };
}

/** A server that can come late. */
export class ServedCluster implements AsyncDisposable {
  readonly #api = new ApiServer({
    now: () => Date.now(),
    kinds: WEBHOOK_KINDS,
  });
  #server: Deno.HttpServer<Deno.NetAddr> | undefined;
  #port = 0;
  #folder: string | undefined;
  #allowsEverything = false;

  /** Text of a kubeconfig for it. */
  get kubeconfig(): string {
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{
        name: "c",
        cluster: { server: `http://127.0.0.1:${this.#port}` },
      }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
  }

  /** The port that it answers on. */
  get port(): number {
    return this.#port;
  }

  /** Writes the kubeconfig to a file that goes away with this, gives its path. */
  async writeKubeconfig(): Promise<string> {
    this.#folder ??= await Deno.makeTempDir({ prefix: "herald-test-" });
    const file = `${this.#folder}/kubeconfig`;
    await Deno.writeTextFile(file, this.kubeconfig);
    return file;
  }

  /** Reserves the port without answering on it. */
  reserve(): void {
    this.#port = freePort();
  }

  /** Begins to answer, on loopback and without TLS unless told otherwise. */
  start(
    at: { readonly hostname?: string; readonly tls?: KeyPair } = {},
  ): void {
    const { hostname = "127.0.0.1", tls } = at;
    if (this.#port === 0) this.#port = freePort(hostname);
    const options = { hostname, port: this.#port, onListen: () => {} };
    this.#server = Deno.serve(
      tls === undefined ? options : {
        ...options,
        cert: tls.certificate,
        key: tls.privateKey,
      },
      (request) => this.#answer(request),
    );
  }

  /** Says yes to every review from now on, as if all rights were given. */
  allowEverything(): void {
    this.#allowsEverything = true;
  }

  async #answer(request: Request): Promise<Response> {
    const isReview = new URL(request.url).pathname.endsWith("reviews");
    if (!isReview || !this.#allowsEverything) {
      return await this.#api.handle(request);
    }
    await request.body?.cancel();
    const user = { username: "everybody" };
    const status = { allowed: true, authenticated: true, user };
    return Response.json({ status }, { status: 201 });
  }

  /** Creates or replaces an object. */
  async apply(
    path: string,
    object: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const metadata = object["metadata"] as { readonly name: string };
    const at = `http://cluster.test${path}`;
    const found = await this.#api.handle(new Request(`${at}/${metadata.name}`));
    const existing = await found.json();
    if (!found.ok) return await this.#send("POST", path, object);
    const { metadata: known } = existing;
    const whole = { ...existing, ...object, metadata: known };
    await this.#send("PUT", `${path}/${metadata.name}`, whole);
  }

  async #send(method: string, path: string, body: unknown): Promise<void> {
    const type = method === "PATCH" ? "merge-patch+json" : "json";
    const answer = await this.#api.handle(
      new Request(`http://cluster.test${path}`, {
        method,
        headers: { "content-type": `application/${type}` },
        body: JSON.stringify(body),
      }),
    );
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    await answer.body?.cancel();
  }

  /** Reads an object. */
  async read(path: string): Promise<unknown> {
    const answer = await this.#api.handle(
      new Request(`http://cluster.test${path}`),
    );
    return await answer.json();
  }

  /** Creates the namespace of the load balancer. */
  async applyNamespace(): Promise<void> {
    await this.apply("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "metallb-system" },
    });
  }

  /**
   * Creates a node and the Lease of its speaker.
   *
   * @param ageMs Time since it was renewed; it counts for an hour, longer than
   * any test takes, so that nobody dies meanwhile.
   * @param macs What the speaker writes about its interfaces.
   */
  async applySpeaker(
    node: string,
    ageMs: number,
    macs?: string,
  ): Promise<void> {
    await this.apply("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node },
    });
    const renewed = new Date(Date.now() - ageMs).toISOString();
    await this.apply(
      "/apis/coordination.k8s.io/v1/namespaces/metallb-system/leases",
      {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: {
          name: `herald-speaker.${node}`,
          namespace: "metallb-system",
          labels: { "herald-lb.io/component": "speaker" },
          ...macs === undefined
            ? {}
            : { annotations: { "herald-lb.io/macs": macs } },
        },
        spec: {
          holderIdentity: node,
          leaseDurationSeconds: 3600,
          renewTime: renewed.replace("Z", "000Z"),
        },
      },
    );
  }

  /** Gives a node its address. */
  async applyNodeAddress(node: string, address: string): Promise<void> {
    await this.#send("PATCH", `/api/v1/nodes/${node}/status`, {
      status: { addresses: [{ type: "InternalIP", address }] },
    });
  }

  /** Marks a node to be drained. */
  async drain(node: string): Promise<void> {
    const annotations = { "herald-lb.io/drain": "true" };
    const path = `/api/v1/nodes/${node}`;
    await this.#send("PATCH", path, { metadata: { annotations } });
  }

  /** Creates or replaces a pool of the usual namespace. */
  async applyPool(name: string, addresses: unknown): Promise<void> {
    await this.apply(
      "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools",
      {
        apiVersion: "metallb.io/v1beta1",
        kind: "IPAddressPool",
        metadata: { name, namespace: "metallb-system" },
        spec: { addresses },
      },
    );
  }

  /** Creates an advertisement of all pools. */
  async applyAdvertisement(name: string): Promise<void> {
    await this.apply(
      "/apis/metallb.io/v1beta1/namespaces/metallb-system/l2advertisements",
      {
        apiVersion: "metallb.io/v1beta1",
        kind: "L2Advertisement",
        metadata: { name, namespace: "metallb-system" },
        spec: {},
      },
    );
  }

  /** Creates a Service that has an address and a Pod on a node. */
  async applyServed(name: string, ip: string, nodeName: string): Promise<void> {
    await this.applyService(name);
    await this.#send(
      "PATCH",
      `/api/v1/namespaces/default/services/${name}/status`,
      {
        status: { loadBalancer: { ingress: [{ ip }] } },
      },
    );
    await this.apply(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      { ...sliceOf(name, nodeName) },
    );
  }

  /** Makes every cache list again: its watch ends and its version is gone. */
  expireWatches(): void {
    this.#api.compact();
    this.#api.faults.dropWatches("close");
  }

  /** Creates a Service of type LoadBalancer. */
  async applyService(name: string): Promise<void> {
    await this.apply("/api/v1/namespaces/default/services", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: {
        type: "LoadBalancer",
        ports: [{ port: 80 }],
        selector: { app: name },
      },
    });
  }

  /** Waits until a Service has an address, and gives the first one. */
  async addressOf(name: string): Promise<string> {
    for (;;) {
      const service = await this.read(
        `/api/v1/namespaces/default/services/${name}`,
      ) as WithIngress;
      const address = service.status?.loadBalancer?.ingress?.[0]?.ip;
      if (address !== undefined) return address;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the server; connections break, the data stays. */
  async stop(): Promise<void> {
    this.#api.close();
    await this.#server?.shutdown();
    this.#server = undefined;
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#folder === undefined) return;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
