import { assertEquals } from "@std/assert";
import { podsInRules } from "./rules.ts";
import { renderStandIn } from "./stand_in.ts";

/** As `nft list ruleset` prints what kube-proxy writes, shortened. */
const KUBE_PROXY = `table ip kube-proxy {
	map service-ips {
		type ipv4_addr . inet_proto . inet_service : verdict
		elements = { 192.0.2.150 . udp . 7 : goto external-X5TI5DFA-lab/echo/udp/echo,
			     10.96.129.217 . udp . 7 : goto service-X5TI5DFA-lab/echo/udp/echo }
	}

	chain services {
		ip daddr . meta l4proto . th dport vmap @service-ips
	}

	chain service-X5TI5DFA-lab/echo/udp/echo {
		meta l4proto udp dnat ip to numgen random mod 2 map { 0 : 10.244.11.2 . 9007,
								      1 : 10.244.10.2 . 9007 }
	}

	chain external-X5TI5DFA-lab/echo/udp/echo {
		meta mark set meta mark | 0x00004000 comment "masquerade"
		goto service-X5TI5DFA-lab/echo/udp/echo
	}

	chain service-AAAAAAAA-lab/echo-2/udp/echo {
		meta l4proto udp dnat ip to numgen random mod 1 map { 0 : 10.244.12.2 . 9007 }
	}

	chain service-BBBBBBBB-lab/gone/udp/echo {
	}
}
table ip6 kube-proxy {
	chain service-X5TI5DFA-lab/echo/udp/echo {
		meta l4proto udp dnat ip6 to numgen random mod 1 map { 0 : 2001:db8:244:10::2 . 9007 }
	}
}
`;

const CASES: readonly {
  readonly service: string;
  readonly pods: readonly string[];
}[] = [
  {
    service: "lab/echo",
    pods: ["10.244.10.2", "10.244.11.2", "2001:db8:244:10::2"],
  },
  { service: "lab/echo-2", pods: ["10.244.12.2"] },
  { service: "lab/gone", pods: [] },
  { service: "lab/absent", pods: [] },
];

for (const { service, pods } of CASES) {
  Deno.test(`podsInRules(): ${service} in kube-proxy's rules`, {
    permissions: "none",
  }, () => {
    assertEquals(podsInRules(KUBE_PROXY, service), pods);
  });
}

Deno.test("podsInRules() reads the stand-in's rules too", {
  permissions: "none",
}, () => {
  const rules = renderStandIn({
    services: [{
      metadata: { name: "web", namespace: "lab" },
      spec: { ports: [{ name: "http", port: 80, protocol: "TCP" }] },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.150" }] } },
    }],
    endpointSlices: [{
      metadata: {
        name: "web-ipv4",
        namespace: "lab",
        labels: { "kubernetes.io/service-name": "web" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.10.2"], nodeName: "node-a" }],
      ports: [{ name: "http", port: 8080 }],
    }],
  }, "node-b");
  // The kernel prints what it was given with a tabulator for two spaces.
  const printed = rules.replaceAll("    ", "\t\t").replaceAll("  ", "\t");
  assertEquals(podsInRules(printed, "lab/web"), ["10.244.10.2"]);
});
