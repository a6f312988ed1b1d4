import { assertEquals, assertStringIncludes } from "@std/assert";
import { judgeAvailability } from "./available.ts";
import {
  type Environment,
  findKubernetes,
  findProgram,
  type ProgramSource,
} from "./binaries.ts";

/** Folders in which the named programs stand, empty files all of them. */
async function withPrograms(
  folders: Readonly<Record<string, readonly string[]>>,
  body: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (const [folder, programs] of Object.entries(folders)) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
      for (const program of programs) {
        await Deno.writeTextFile(`${root}/${folder}/${program}`, "");
      }
    }
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function environment(root: string): Environment {
  const variables: Readonly<Record<string, string>> = {
    KUBEBUILDER_ASSETS: `${root}/assets`,
    XDG_CACHE_HOME: `${root}/cache`,
    PATH: `${root}/bin:${root}/none`,
  };
  return (name) => variables[name];
}

const CACHED = "cache/herald/kubernetes-v1.36.3";

const FOUND: readonly {
  readonly name: string;
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly expected: string;
}[] = [
  {
    name: "assets before the cache",
    folders: {
      assets: ["kube-apiserver", "etcd", "kubectl"],
      [CACHED]: ["kube-apiserver"],
      bin: ["etcd", "go"],
    },
    expected: "file assets/kube-apiserver, assets/etcd, assets/kubectl",
  },
  {
    name: "the cache before a build",
    folders: { [CACHED]: ["kube-apiserver"], bin: ["etcd", "go"] },
    expected: `file ${CACHED}/kube-apiserver, bin/etcd, none`,
  },
  {
    name: "a build into the cache",
    folders: { bin: ["etcd", "go", "kubectl"] },
    expected: `build ${CACHED}/kube-apiserver, bin/etcd, bin/kubectl`,
  },
];

Deno.test("findKubernetes() prefers what needs the least", async () => {
  for (const { name, folders, expected } of FOUND) {
    await withPrograms(folders, async (root) => {
      const found = await findKubernetes(environment(root));
      if (found.kind === "unavailable") throw new Error(found.reason);
      const { apiServer, etcd, kubectl } = found;
      const text = `${apiServer.kind} ${apiServer.path}, ${etcd}, ${
        kubectl ?? "none"
      }`;
      assertEquals(text.replaceAll(`${root}/`, ""), expected, name);
    });
  }
});

function describeSource(source: ProgramSource): string {
  return source.kind === "file"
    ? `file ${source.path}`
    : `build ${source.program} into ${source.path} with ${source.go}`;
}

const PROXIES: readonly {
  readonly name: string;
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly expected: string;
}[] = [
  {
    name: "assets before the cache",
    folders: { assets: ["kube-proxy"], [CACHED]: ["kube-proxy"], bin: ["go"] },
    expected: "file assets/kube-proxy",
  },
  {
    name: "assets of envtest, which have none, then the cache",
    folders: { assets: ["kube-apiserver", "etcd"], [CACHED]: ["kube-proxy"] },
    expected: `file ${CACHED}/kube-proxy`,
  },
  {
    name: "a build beside the API server, without etcd",
    folders: { [CACHED]: ["kube-apiserver"], bin: ["go"] },
    expected: `build kube-proxy into ${CACHED}/kube-proxy with bin/go`,
  },
];

Deno.test("findProgram() finds kube-proxy by itself", async () => {
  for (const { name, folders, expected } of PROXIES) {
    await withPrograms(folders, async (root) => {
      const found = await findProgram("kube-proxy", environment(root));
      if (found.kind === "unavailable") throw new Error(found.reason);
      const text = describeSource(found.source).replaceAll(`${root}/`, "");
      assertEquals(text, expected, name);
    });
  }
});

Deno.test("findKubernetes() says what is missing", async () => {
  await withPrograms(
    { assets: ["kube-apiserver"], bin: ["go"] },
    async (root) => {
      const found = await findKubernetes(environment(root));
      if (found.kind !== "unavailable") {
        throw new Error(
          "found etcd in no folder",
        );
      }
      assertStringIncludes(found.reason, "etcd-server");
      assertEquals(found.goPresent, true);
    },
  );
});

Deno.test("judgeAvailability() lets nothing slip in CI where Go is present", {
  permissions: "none",
}, () => {
  const reason = "no etcd";
  const cases = [
    [true, true, "required"],
    [true, false, "unavailable"],
    [false, true, "unavailable"],
  ] as const;
  for (const [ci, goPresent, kind] of cases) {
    const found = { kind: "unavailable", reason, goPresent } as const;
    assertEquals(judgeAvailability(found, ci), { kind, reason });
  }
});
