import { assert, assertEquals } from "@std/assert";
import { Registry } from "prom-client";
import { ControllerMetrics } from "./metrics.ts";

const COUNTERS = {
  assignedIPv4: 3n,
  availableIPv4: 253n,
  assignedIPv6: 1n,
  availableIPv6: 15n,
};

/** The samples of a registry's output. */
async function samples(registry: Registry): Promise<readonly string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) => line !== "" && line[0] !== "#");
}

function assertHas(all: readonly string[], ...wanted: readonly string[]): void {
  for (const line of wanted) assert(all.includes(line), `lacks ${line}`);
}

Deno.test("ControllerMetrics shows pools under MetalLB's names", {
  permissions: "none",
}, async () => {
  const registry = new Registry();
  const metrics = new ControllerMetrics(registry);
  metrics.setPools(new Map([["p", COUNTERS]]), new Map([["p", 4]]));
  assertHas(
    await samples(registry),
    'metallb_allocator_addresses_total{pool="p"} 272',
    'metallb_allocator_ipv4_addresses_total{pool="p"} 256',
    'metallb_allocator_ipv6_addresses_total{pool="p"} 16',
    'metallb_allocator_addresses_in_use_total{pool="p"} 4',
    'metallb_allocator_ipv4_addresses_in_use_total{pool="p"} 3',
    'metallb_allocator_ipv6_addresses_in_use_total{pool="p"} 1',
    'metallb_allocator_services_allocated_total{pool="p"} 4',
  );
  metrics.setPools(new Map(), new Map());
  const left = (await samples(registry)).filter((line) => line.includes('"p"'));
  assertEquals(left, [], "a pool that is gone disappears");
});

Deno.test("ControllerMetrics shows the configuration and the watches", {
  permissions: "none",
}, async () => {
  const registry = new Registry();
  const metrics = new ControllerMetrics(registry);
  metrics.setConfig(true);
  metrics.setConfig(false);
  metrics.countUpdate();
  metrics.countUpdateError();
  assertHas(
    await samples(registry),
    "metallb_k8s_client_config_loaded_bool 1",
    "metallb_k8s_client_config_stale_bool 1",
    "metallb_k8s_client_updates_total 1",
    "metallb_k8s_client_update_errors_total 1",
  );
});

Deno.test("ControllerMetrics shows waits, work and leadership", {
  permissions: "none",
}, async () => {
  const registry = new Registry();
  const metrics = new ControllerMetrics(registry);
  metrics.observeWait(30);
  metrics.observeReconcile(300);
  metrics.setLeader(true);
  metrics.setQueue(5, 2);
  metrics.setEventsWaiting(6);
  metrics.countDroppedEvent();
  metrics.countRefusal("noAvailableIPs");
  metrics.countWrite("conflict");
  const all = await samples(registry);
  assertHas(
    all,
    "herald_kube_rate_limiter_wait_seconds_count 1",
    "herald_kube_rate_limiter_wait_seconds_sum 0.03",
    'herald_controller_reconcile_duration_seconds_bucket{le="1"} 1',
    "herald_leader 1",
    "herald_controller_queue_depth 5",
    "herald_controller_services_waiting 2",
    "herald_controller_events_waiting 6",
    "herald_controller_events_dropped_total 1",
    'herald_allocator_refusals_total{reason="noAvailableIPs"} 1',
    'herald_controller_status_writes_total{result="conflict"} 1',
  );
});
