/** The reason words of the decisions as sentences that a person can act on. */

const SENTENCES: Readonly<Record<string, string>> = {
  notMember: "its speaker is not alive (no Lease renewed in time)",
  draining: "it drains (annotation herald-lb.io/drain of its Node)",
  networkUnavailable: "its condition NetworkUnavailable is True",
  excludeLabel:
    "it has the label node.kubernetes.io/exclude-from-external-load-balancers",
  notSelected:
    "no L2Advertisement that reaches the pool and the Service selects it",
  noLocalEndpoint:
    "externalTrafficPolicy is Local and no endpoint on it can serve",
  noServingEndpoint: "no endpoint of the Service can serve, on any node",
  sharedIPWithServiceSelector:
    "the address may be shared while an L2Advertisement selects Services, so the sharers could part; remove serviceSelectors or allow-shared-ip",
  sharerExcluded:
    "another Service that shares the address cannot be served from it",
  ownerNotCandidate:
    "the node that owns the addresses which come with it is no candidate for it",
  noCandidate: "no node is a candidate",
  noOtherCandidate: "no other node is a candidate",
  notLoadBalancer: "it is not of type LoadBalancer",
  noIPAllocated: "it has no address yet",
  invalidIP: "its status has something that is no address",
  ipNotAllowed:
    "its addresses are not all in one configured pool, nor does it ask for its families from two",
  otherClass: "its loadBalancerClass is another load balancer's",
};

/** The sentence of a reason word, without a final period; unknown words as they are. */
export function describeReason(word: string): string {
  return Object.hasOwn(SENTENCES, word) ? SENTENCES[word] ?? word : word;
}
