/** Kubeconfig files of a test cluster. */

/** What a kubeconfig holds: where the server is and who asks. */
export interface KubeconfigOptions {
  readonly server: string;
  /** Absent for a server without TLS. */
  readonly caPem?: string;
  readonly user:
    | { readonly kind: "none" }
    | { readonly kind: "token"; readonly token: string }
    | {
      readonly kind: "certificate";
      readonly certificate: string;
      readonly privateKey: string;
    };
  readonly namespace?: string;
}

function userFields(
  user: KubeconfigOptions["user"],
): Readonly<Record<string, string>> {
  switch (user.kind) {
    case "none":
      return {};
    case "token":
      return { token: user.token };
    case "certificate":
      return {
        "client-certificate-data": btoa(user.certificate),
        "client-key-data": btoa(user.privateKey),
      };
  }
}

/** The text of a kubeconfig with one context; JSON, which is also YAML. */
export function formatKubeconfig(options: KubeconfigOptions): string {
  const { server, caPem } = options;
  const namespace = options.namespace ?? "default";
  return JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{
        name: "test",
        cluster: {
          server,
          ...(caPem === undefined
            ? {}
            : { "certificate-authority-data": btoa(caPem) }),
        },
      }],
      users: [{ name: "test", user: userFields(options.user) }],
      contexts: [{
        name: "test",
        context: { cluster: "test", user: "test", namespace },
      }],
      "current-context": "test",
    },
    null,
    2,
  );
}
