/** A node boots, and its kube-proxy takes its time. */
import { labTest } from "./in_lab.ts";

await labTest(
  "a node that boots gets its addresses back when its kube-proxy has rules, or when nobody else answers",
  {
    ...{ apiserver: "embedded", proxy: "lab" },
    speakerFlags: ["--kube-proxy-healthz", "http://198.51.100.1:10256/healthz"],
  },
  new URL("boot_checks.ts", import.meta.url),
);
