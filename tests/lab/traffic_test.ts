/**
 * What becomes of a Service's traffic: with the real kube-proxy and the real
 * kube-apiserver, and with the lab's stand-ins, which must do the same.
 */
import { labTest } from "./in_lab.ts";

const CHECKS = new URL("traffic_checks.ts", import.meta.url);

await labTest(
  "traffic follows a Service with the real kube-proxy and kube-apiserver",
  { apiserver: "real", proxy: "kube-proxy" },
  CHECKS,
);
await labTest(
  "traffic follows a Service with the lab's data plane and API server",
  { apiserver: "embedded", proxy: "lab" },
  CHECKS,
);
