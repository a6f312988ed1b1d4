import {
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { fakePem } from "../../tests/kube/scripted_platform.ts";
import { AccessError, type AccessProblem } from "./access_error.ts";
import type { ClusterAccess } from "./access.ts";
import { SERVICE_ACCOUNT } from "./in_cluster.ts";
import { loadAccess } from "./load_access.ts";

const PATH = "/etc/herald/kubeconfig";
const CERTIFICATE = fakePem("CERTIFICATE");
const KEY = fakePem("EC PRIVATE KEY");

/** A kubeconfig; `user` and `cluster` are the YAML flow maps of the entries. */
function kubeconfig(
  user: string,
  cluster = "{server: 'https://192.0.2.1:6443'}",
) {
  return `
apiVersion: v1
kind: Config
clusters: [{name: home, cluster: ${cluster}}]
users: [{name: me, user: ${user}}]
contexts: [{name: one, context: {cluster: home, user: me, namespace: lb}}, {name: lost, context: {cluster: away, user: me}}, {name: nobody, context: {cluster: home, user: you}}]
current-context: one
`;
}

function load(
  files: Readonly<Record<string, string>>,
  options: {
    readonly kubeconfig?: string;
    readonly context?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = { kubeconfig: PATH },
): Promise<ClusterAccess> {
  return loadAccess({
    kubeconfig: options.kubeconfig,
    context: options.context,
    env: (name) => options.env?.[name],
    readTextFile: (path) => {
      const text = files[path];
      if (text !== undefined) return Promise.resolve(text);
      const missing = new Error("os error 2");
      missing.name = path === "/secret/token" ? "NotCapable" : "NotFound";
      return Promise.reject(missing);
    },
  });
}

const ORIGIN = `kubeconfig "${PATH}", context "one"`;
const BASE = {
  server: "https://192.0.2.1:6443",
  origin: ORIGIN,
  namespace: "lb",
};

Deno.test("loadAccess() reads a token and embedded certificates", async () => {
  const text = kubeconfig(
    "{token: abc, as: other}",
    `{server: 'https://192.0.2.1:6443/', certificate-authority-data: ${
      btoa(CERTIFICATE)
    }, proxy-url: 'socks5://127.0.0.1:1'}`,
  );
  assertEquals<unknown>(await load({ [PATH]: text }), {
    ...BASE,
    ca: {
      kind: "inline",
      text: CERTIFICATE,
      origin: 'certificate-authority of cluster "home"',
    },
    proxyUrl: "socks5://127.0.0.1:1",
    identity: {
      token: { kind: "inline", text: "abc", origin: 'token of user "me"' },
      impersonate: "other",
    },
  });
});

Deno.test("loadAccess() takes paths as relative to the kubeconfig", async () => {
  const text = kubeconfig(
    "{client-certificate: pki/me.crt, client-key: /keys/me.key, tokenFile: token}",
    "{server: 'https://192.0.2.1:6443', certificate-authority: ca.crt}",
  );
  const access = await load({
    [PATH]: text,
    "/etc/herald/ca.crt": CERTIFICATE,
    "/etc/herald/pki/me.crt": CERTIFICATE,
    "/keys/me.key": KEY,
    "/etc/herald/token": "abc",
  });
  const { ca, identity } = access;
  assertEquals(
    [ca, identity.token, identity.certificate?.cert, identity.certificate?.key]
      .map((material) => material?.kind === "file" ? material.path : material),
    [
      "/etc/herald/ca.crt",
      "/etc/herald/token",
      "/etc/herald/pki/me.crt",
      "/keys/me.key",
    ],
  );
});

Deno.test("loadAccess() leaves exec and providers to client-node", async () => {
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "sh" };
  const access = await load({
    [PATH]: kubeconfig(`{exec: ${JSON.stringify(exec)}}`),
  });
  assertEquals<unknown>(access.identity, {
    plugin: { name: "me", exec, authProvider: undefined },
  });
});

Deno.test("loadAccess() finds the service account of a Pod", async () => {
  for (
    const [host, server] of [
      ["10.96.0.1", "https://10.96.0.1:443"],
      ["fd00::1", "https://[fd00::1]:443"],
    ] as const
  ) {
    const access = await load({
      [`${SERVICE_ACCOUNT}/ca.crt`]: CERTIFICATE,
      [`${SERVICE_ACCOUNT}/token`]: "abc",
      [`${SERVICE_ACCOUNT}/namespace`]: "metallb-system\n",
    }, { env: { KUBERNETES_SERVICE_HOST: host } });
    assertEquals(
      [access.server, access.namespace],
      [server, "metallb-system"],
    );
    assertEquals(access.identity.token?.kind, "file");
  }
});

interface Refused {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly text?: string;
  readonly context?: string;
  readonly reason: AccessProblem;
  readonly says: readonly string[];
}

const REFUSED: readonly Refused[] = [
  {
    name: "a missing file",
    reason: "fileMissing",
    says: [PATH, "there is no such file"],
  },
  {
    name: "bad YAML",
    text: "clusters: [",
    reason: "badYaml",
    says: [PATH, "not YAML"],
  },
  { name: "an empty file", text: "", reason: "badKubeconfig", says: [PATH] },
  { name: "a list", text: "[]", reason: "badKubeconfig", says: [PATH] },
  {
    name: "an entry without a server",
    text: kubeconfig("{}", "{}"),
    reason: "badKubeconfig",
    says: [PATH, "clusters[0].cluster.server is missing"],
  },
  {
    name: "a server of the wrong type",
    text: kubeconfig("{}", "{server: 5}"),
    reason: "badKubeconfig",
    says: [PATH],
  },
  {
    name: "a server that is no URL",
    text: kubeconfig("{}", "{server: 'example.org'}"),
    reason: "badKubeconfig",
    says: ['"example.org"', '"home"', "https://HOST:PORT"],
  },
  {
    name: "an unknown context",
    text: kubeconfig("{}"),
    context: "two",
    reason: "unknownContext",
    says: ['"two"', '"one"', PATH],
  },
  {
    name: "no current context",
    text: "clusters: []",
    reason: "unknownContext",
    says: ["current-context is not set", "there is none"],
  },
  {
    name: "a context of an unknown cluster",
    text: kubeconfig("{}"),
    context: "lost",
    reason: "badKubeconfig",
    says: ['cluster "away"', '"home"'],
  },
  {
    name: "a context of an unknown user",
    text: kubeconfig("{}"),
    context: "nobody",
    reason: "badKubeconfig",
    says: ['user "you"', '"me"'],
  },
  {
    name: "a certificate that is not Base64",
    text: kubeconfig(
      "{}",
      "{server: 'https://a', certificate-authority-data: '%%%'}",
    ),
    reason: "badCertificate",
    says: ['certificate-authority-data of cluster "home"', "Base64"],
  },
  {
    name: "a certificate that is not PEM",
    text: kubeconfig(
      "{}",
      `{server: 'https://a', certificate-authority-data: ${btoa("junk")}}`,
    ),
    reason: "badCertificate",
    says: ['certificate-authority of cluster "home"', "BEGIN CERTIFICATE"],
  },
  {
    name: "a missing certificate file",
    text: kubeconfig(
      "{}",
      "{server: 'https://a', certificate-authority: x.crt}",
    ),
    reason: "fileMissing",
    says: ["/etc/herald/x.crt", 'certificate-authority of cluster "home"'],
  },
  {
    name: "a token file without permission",
    text: kubeconfig("{tokenFile: /secret/token}"),
    reason: "fileUnreadable",
    says: ["--allow-read=/secret/token"],
  },
  {
    name: "a client certificate without its key",
    text: kubeconfig("{client-certificate: x.crt}"),
    reason: "badKubeconfig",
    says: ["go together"],
  },
  {
    name: "a key that is a certificate",
    text: kubeconfig("{client-certificate: a.crt, client-key: b.key}"),
    files: {
      "/etc/herald/a.crt": CERTIFICATE,
      "/etc/herald/b.key": CERTIFICATE,
    },
    reason: "badCertificate",
    says: ['client-key of user "me"', "BEGIN PRIVATE KEY"],
  },
  {
    name: "a server that is not to be verified",
    text: kubeconfig(
      "{}",
      "{server: 'https://a', insecure-skip-tls-verify: true}",
    ),
    reason: "unsupported",
    says: ["insecure-skip-tls-verify", "certificate-authority-data"],
  },
  {
    name: "another TLS server name",
    text: kubeconfig("{}", "{server: 'https://a', tls-server-name: b}"),
    reason: "unsupported",
    says: ["tls-server-name"],
  },
  {
    name: "a password",
    text: kubeconfig("{username: a, password: b}"),
    reason: "unsupported",
    says: ["username and password"],
  },
];

async function refusal(promise: Promise<unknown>): Promise<AccessError> {
  try {
    await promise;
  } catch (error) {
    assertInstanceOf(error, AccessError);
    return error;
  }
  throw new Error("The configuration was accepted");
}

for (const { name, text, files, context, reason, says } of REFUSED) {
  Deno.test(`loadAccess() refuses ${name}`, async () => {
    const error = await refusal(load(
      { ...files, ...(text !== undefined && { [PATH]: text }) },
      { kubeconfig: PATH, ...(context !== undefined && { context }) },
    ));
    assertEquals(error.reason, reason, error.message);
    for (const part of says) assertStringIncludes(error.message, part);
  });
}

Deno.test("loadAccess() says what to do outside a Pod", async () => {
  const error = await refusal(load({}, {}));
  assertEquals(error.reason, "notInCluster");
  assertStringIncludes(error.message, "--kubeconfig");
});

Deno.test("loadAccess() names the file that a Pod lacks", async () => {
  const error = await refusal(
    load({}, { env: { KUBERNETES_SERVICE_HOST: "10.96.0.1" } }),
  );
  assertEquals(error.reason, "fileMissing");
  assertStringIncludes(error.message, `${SERVICE_ACCOUNT}/ca.crt`);
});
