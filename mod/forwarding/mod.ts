/**
 * Whether this node forwards: kube-proxy writes the rules that bring a Service's
 * traffic to its Pods, and after a boot it may do so later than the speaker
 * starts. Pure: times and answers come in as arguments.
 *
 * @module
 */
export { type Answer, type Finding, judgeAnswer } from "./health.ts";
export {
  decideForwarding,
  type Forwarding,
  type ForwardsReason,
  type Inquiry,
} from "./patience.ts";
