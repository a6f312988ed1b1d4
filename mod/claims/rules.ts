import * as order from "./order.ts";
import * as liveness from "./liveness.ts";
import * as question from "./question.ts";
import * as arbitration from "./arbitration.ts";
import * as yielding from "./yielding.ts";
import * as failback from "./failback.ts";
import * as learning from "./learning.ts";
import * as start from "./start.ts";
import * as strain from "./strain.ts";
import * as conflict from "./conflict.ts";
import * as legacy from "./legacy.ts";
import * as timing from "./timing.ts";
import * as greeting from "./greeting.ts";
import type { Beat, Claim } from "../ownership/mod.ts";
import type { Path } from "./arbitration.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import type { Self } from "./self.ts";
import type { Standstill } from "./start.ts";
import type { ClaimReason } from "./sink.ts";
import type { HeartbeatSettings, Timing } from "./timing.ts";
import type { Rate } from "./token_bucket.ts";

/**
 * The rules of the protocol by name, each a small pure function; the numbers are
 * those of PROTOCOL.md. What performs them takes them from here, so that the
 * simulator can run the same engine with one of them broken, and show what it
 * is for.
 */
export interface Rules {
  /** Rule 1. Whether a candidate can take over: membership calls it alive, and it does not say that it starts or drains. */
  readonly isAvailable: (peer: Peer, now: number) => boolean;
  /** Rule 1. This node's place among the available candidates without the present owner, from 1; `Infinity` when it is no candidate. */
  readonly rankOf: (ctx: Context, group: Group, now: number) => number;
  /** Rule 4. How much longer a rank waits than the first, in ms. */
  readonly rankDelay: (ctx: Context, rank: number) => number;
  /** Rule 3. The peers whose beats this node needs for a group: an owner and its first standbys, all of one another. The first are taken both among the available and by the order alone: beats to a dead peer are what finds it again. */
  readonly partnersOf: (
    ctx: Context,
    group: Group,
    now: number,
  ) => readonly Peer[];
  /** Rule 3. Whether a candidate counts for the partners that are taken by the order alone. */
  readonly isPartnerByOrder: (peer: Peer, now: number) => boolean;
  /** Rule 3. Whether a candidate can be relied on as a standby here: not one whose beats were needed for a second and did not come. */
  readonly isPresent: (
    peer: Peer | undefined,
    timing: Timing,
    now: number,
  ) => boolean;
  /** Rules 4 and 8. Whether a candidate that asks about an owner, or never heard of one, needs the beats of the owner and its standbys, whatever its own rank. */
  readonly asksStandbys: (group: Group) => boolean;
  /** Rule 3. Whether standbys beat one another, so that each can vouch for the owner. */
  readonly standbysBeat: () => boolean;
  /** Rule 3. When a beat's sender was last alive *and hearing*: now, dated back by what its own newest reception is older than a beat, so that deafness shows as fast as death. */
  readonly lifeOfBeat: (beat: Beat, now: number) => number;
  /** Rule 3. Whether what a peer says may be believed: one of its beats has named our present incarnation. Before, they may have been recorded in an earlier life of ours. */
  readonly isContemporary: (peer: Peer) => boolean;
  /** Rule 3. The newest sign of life of a peer: its own beats, or what a peer with which we are two-way vouches for. A report may hold a take-over, it never silences anybody. */
  readonly lifeOf: (ctx: Context, peer: Peer, now: number) => number;
  /** Rule 7. Contact that a group may be handed over to: each hears the other. */
  readonly isSound: (peer: Peer, timing: Timing, now: number) => boolean;
  /** Rule 3. Whether the silence of a peer stops meaning anything: nobody wants these beats any more. */
  readonly isDisarmed: (peer: Peer, timing: Timing, now: number) => boolean;
  /** Rule 3. Whether a beat of a newer incarnation, or one of the present that no longer claims, ends the belief in an owner at once. */
  readonly endsBelief: () => boolean;
  /** Rule 3. Whether an owner is believed in that claims nothing in its beats, of which we have followed all: it gave the group up, or what we heard was late. */
  readonly isDenied: (group: Group, timing: Timing, now: number) => boolean;
  /** Rule 3. Whether it is remembered that the claim of a group has ended, to be told: where nobody is known to own it. */
  readonly remembersEnd: (group: Group, wasOwner: boolean) => boolean;
  /** Rule 3. Whether a candidate is told that the claim of a group has ended, as its owner told us: it may not hear that owner, and take our word that it lives. */
  readonly tellsEnd: (
    ctx: Context,
    group: Group,
    owner: Peer,
    to: Peer,
    now: number,
  ) => boolean;
  /** Rule 3. Whether we believe a peer that the claim of a group has ended: it vouches for an owner that we do not hear. The LAN is asked all the same. */
  readonly heedsEnd: (
    ctx: Context,
    group: Group,
    from: Peer,
    now: number,
  ) => boolean;
  /** Rule 2. Whether a claim makes its owner believed in: not in a question, which may carry a claim that was given up. */
  readonly isBelieved: (path: Path) => boolean;
  /** Rule 4. Whether the LAN is asked before a take-over. */
  readonly asksBeforeTakeOver: () => boolean;
  /** Rule 4. Whether witnesses are asked with it: stations that can prove that they hear us when no member does. */
  readonly asksWitnesses: () => boolean;
  /** Rule 3. The incarnation of a node of which a peer remembers another: when that is later, its clock went back, and it goes above. */
  readonly incarnationAfter: (own: number, remembered: number) => number;
  /** Rule 3. Silence before a candidate asks about an owner with which it has no session, in ms: nobody relies on membership alone, which may run over another network. */
  readonly patienceWithoutSession: (isFirst: boolean) => number;
  /** Rule 4. Whether this node has no proof that anybody hears it: then it may be itself what is cut off. Where it is the only member, it is not. */
  readonly isAlone: (ctx: Context, now: number) => boolean;
  /** Rule 4. Whether the proof that somebody hears us has lasted for so long that a question was heard, and could have been answered. */
  readonly isProofLasting: (ctx: Context) => boolean;
  /** Rule 4. From when on a candidate that is heard may take a group over: its questions left in vain count only where they could be heard. */
  readonly heardInVainAt: (ctx: Context, group: Group) => number;
  /** Rule 4. When a group that was taken over in full counts as claimed alone: no proof of being heard has followed, and the last is too old. */
  readonly unprovenAt: (ctx: Context, group: Group) => number;
  /** Rules 2 and 4. What a take-over claims: the highest term seen + 1; alone, the term seen and not in full, so that it wins against nobody who is heard. */
  readonly takeOverClaim: (ctx: Context, group: Group, alone: boolean) => Claim;
  /** Rules 4 and 5. Whether an owner may broadcast: not with a claim made alone, and not while it hears nobody. */
  readonly mayBroadcast: (ctx: Context, group: Group, now: number) => boolean;
  /** Rule 2. The claim that a question carries: an owner's own, or the one that a loser gave up. */
  readonly claimInQuestion: (group: Group) => Claim | undefined;
  /** Rule 3. Whether a claim is evidence that its owner answers: in an answer, or in the first announcement. A deaf owner goes on announcing, and asks for its own group; a beat's life is dated by itself. */
  readonly isEvidence: (path: Path, isNews: boolean) => boolean;
  /** Rule 2. Whether a claim of another, heard directly, silences us. */
  readonly silences: (group: Group, claim: Claim) => boolean;
  /** Rule 2. Whether a claim that only a third node told silences us: never. Its owner may not reach this segment's clients, or be gone. */
  readonly relayedSilences: () => boolean;
  /** Rule 5. Whether a loser first looks if the winner answers. */
  readonly verifies: () => boolean;
  /** Rule 5. Whether a loser exchanges beats with the winner meanwhile: questions may not pass. */
  readonly meetsWinner: () => boolean;
  /** Rule 5. Whether the winner is proved to live by its beats: one that came after the loss began, is not deaf, and claims no less. What silenced us is no proof when it was an announcement. */
  readonly isProvedByBeats: (group: Group, winner: Peer | undefined) => boolean;
  /** Rule 5. How long a loser looks whether the winner answers, in ms, when so many times in a row it resumed and was silenced by the next term: ever longer from the second on. */
  readonly verificationAfter: (ctx: Context, replies: number) => number;
  /** Rule 5. The claim with which a loser resumes when the winner gives no proof. */
  readonly resumedClaim: (ctx: Context, group: Group, alone: boolean) => Claim;
  /** Rule 5. Questions that a loser asks until the winner announces, by the way that it lost: clients heard no more than it did. */
  readonly remindersAfter: (path: Path) => number;
  /** Rule 5. The pause after an answer to a lower claim, given the one before; after a long quiet it begins anew. */
  readonly contestGapAfter: (gap: number, quiet: number) => number;
  /** Rule 5. Whether an announcement that falls into the pause is sent after it; else it is dropped. */
  readonly defersAnnouncement: () => boolean;
  /** Rules 2 and 5. Whether a higher claim is remembered than the one that an owner holds: then it asks, and claims above it when nobody answers; not while nobody hears it, or it hears nobody. */
  readonly isCorrected: (ctx: Context, group: Group, now: number) => boolean;
  /** Rule 5. Whether an owner asks for its own group: it has no two-way session, or there is a candidate that it does not hear, or one that knows no claims comes first. */
  readonly asksForItself: (ctx: Context, group: Group, now: number) => boolean;
  /** Rule 5. Whether an owner that hears others again announces, after it has asked. */
  readonly announcesAfterIsolation: () => boolean;
  /** Rule 5. Whether a claimless answer of a member silences an owner: one that claims alone always; others only where nothing of that member ever carried a claim, because the way strips it, and no beat of it comes; then by the hash. */
  readonly claimlessAnswerSilences: (
    ctx: Context,
    group: Group,
    from: Peer,
    hash: number,
    now: number,
  ) => boolean;
  /** Rule 7. Why an owner gives its group away; `undefined` = it keeps it. Every loss of candidacy is a hand-over. */
  readonly leaveReason: (
    ctx: Context,
    group: Group,
    now: number,
  ) => ClaimReason | undefined;
  /** Rule 7. Whether an offer that was taken still overrides the taker's own view. */
  readonly isOverridden: (group: Group, now: number) => boolean;
  /** Rule 7. Until when an offer overrides the taker's own view. */
  readonly overrideEnd: (now: number) => number;
  /** Rule 7. The next to whom a group is offered: the first candidate in sound contact and ready that was not tried, else the first that may be there. Whoever could keep the group offers it only to candidates that come before it. */
  readonly nextSuccessor: (
    ctx: Context,
    group: Group,
    now: number,
  ) => number | undefined;
  /** Rule 7. The term of an offer. */
  readonly offeredTerm: (group: Group) => number;
  /** Rule 7. How long a successor has to take an offer, in ms: where too many partners stretch the interval, it may be told in turn only. */
  readonly offerPeriod: (self: Self) => number;
  /** Rule 7. Whether an owner goes on answering when nobody takes its group. */
  readonly keepsUntaken: (ctx: Context) => boolean;
  /** Rule 7. The claim of an owner that nobody relieved: above what it offered, unless it hears nobody, or has only just heard others again. */
  readonly keptClaim: (ctx: Context, group: Group, now: number) => Claim;
  /** Rules 7 and 8. Whether an offer is taken: this node is ready, has seen nothing as high, and believes in nobody but the one who offers. An owner that is deaf does not know that it was replaced. */
  readonly takesOffer: (
    ctx: Context,
    group: Group,
    from: number,
    term: number,
  ) => boolean;
  /** Rule 7. Whether a candidate that newly comes before the owner gets the group at once, as a matter of order: when it was here before. Else it has returned, and gets it when fail-back says so. */
  readonly isPlaced: (ctx: Context, peer: Peer, now: number) => boolean;
  /** Rule 7. Whether a group whose order changed just now is not given to a candidate in sound contact, because a better one is there with which contact only begins. */
  readonly awaitsBetter: (
    ctx: Context,
    group: Group,
    node: number,
    now: number,
  ) => boolean;
  /** Rule 7. How long contact with a returned candidate has to hold, in ms: doubled for each time that it broke soon after it had come back. */
  readonly holdAfter: (hold: number, flaps: number) => number;
  /** Rule 7. When the owner gives the group back to the first candidate; `Infinity` = not. */
  readonly failbackAt: (ctx: Context, group: Group, first: Peer) => number;
  /** Rule 8. Whether a candidate asks those who beat it who owns what: of some group it never heard of an owner, although there may be one. */
  readonly learns: (ctx: Context) => boolean;
  /** Rule 8. Whether a peer that learns is told what another claims: we hear that one, and the peer does not say that it does, too. */
  readonly tellsClaimsOf: (
    ctx: Context,
    owner: Peer,
    to: Peer,
    now: number,
  ) => boolean;
  /** Rule 8. Whether we believe a peer that another owns a group of whose owner we never heard: it vouches for that one, which we do not hear. */
  readonly heedsOwner: (
    ctx: Context,
    group: Group,
    from: Peer,
    claim: Claim,
    now: number,
  ) => boolean;
  /** Rules 7 and 8. Whether this node may be given groups: it has joined, forwards, and does not leave. */
  readonly isReady: (self: Self) => boolean;
  /** Rules 4 and 8. Whether this node takes over what nobody answers for: then even if it may not forward yet. */
  readonly takesOver: (self: Self) => boolean;
  /** Rule 8. From when on the silence about a group counts: one that nobody ever claimed is left for a second to candidates that come before us and are there. */
  readonly silentSince: (group: Group) => number;
  /** Rule 6. What it means that this node was standing still: that what it received is old, and after a longer time that others may have replaced it. */
  readonly standstill: (self: Self, silence: number) => Standstill;
  /** Rule 6. How many detection times others are to wait for a node, given how many they do: more when it is late again and again, fewer when it is not. */
  readonly slackAfter: (
    slack: number,
    isLate: boolean,
    quiet: number,
  ) => number;
  /** Rule 6. Whether what was buffered during a stall is evidence of anybody's life. */
  readonly backlogIsEvidence: () => boolean;
  /** The rate of beats out of turn, given how many partners are beaten in turn at an interval. */
  readonly newsRate: (
    heartbeats: HeartbeatSettings,
    partners: number,
    interval: number,
  ) => Rate;
  /** Rules 5 and 7. Whether there is room for beats with one more peer in the interval as it is: where there is none, nobody is greeted who need not be. */
  readonly hasRoom: (self: Self) => boolean;
  /** Whether an owner defends an address with an announcement. It never gives the address up: two hosts that defend at most once in ten seconds make no storm (RFC 5227 §2.4 c). */
  readonly defends: (group: Group, now: number) => boolean;
  /** Rule 8. Whether a new address stays unused because a foreign host answered for it (RFC 5227 §2.1). */
  readonly isInUse: (group: Group, now: number) => boolean;
  /** Rule 10. Whether a member that knows no claims silences us when it announces or answers: it comes first, or this node gives all away. Not one that has said goodbye, which goes on for a moment. */
  readonly legacySilences: (ctx: Context, group: Group, peer: Peer) => boolean;
}

/** The rules as they are. */
export const RULES: Rules = {
  isAvailable: order.isAvailable,
  rankOf: order.rankOf,
  rankDelay: order.rankDelay,
  partnersOf: order.partnersOf,
  isPartnerByOrder: order.isPartnerByOrder,
  isPresent: order.isPresent,
  asksStandbys: order.asksStandbys,
  standbysBeat: order.standbysBeat,
  lifeOfBeat: liveness.lifeOfBeat,
  isContemporary: liveness.isContemporary,
  lifeOf: liveness.lifeOf,
  isSound: liveness.isSound,
  isDisarmed: liveness.isDisarmed,
  endsBelief: liveness.endsBelief,
  isDenied: liveness.isDenied,
  remembersEnd: liveness.remembersEnd,
  tellsEnd: liveness.tellsEnd,
  heedsEnd: liveness.heedsEnd,
  isBelieved: arbitration.isBelieved,
  asksBeforeTakeOver: question.asksBeforeTakeOver,
  asksWitnesses: question.asksWitnesses,
  incarnationAfter: liveness.incarnationAfter,
  patienceWithoutSession: question.patienceWithoutSession,
  isAlone: question.isAlone,
  isProofLasting: question.isProofLasting,
  heardInVainAt: question.heardInVainAt,
  unprovenAt: question.unprovenAt,
  takeOverClaim: question.takeOverClaim,
  mayBroadcast: question.mayBroadcast,
  claimInQuestion: question.claimInQuestion,
  isEvidence: arbitration.isEvidence,
  silences: arbitration.silences,
  relayedSilences: arbitration.relayedSilences,
  verifies: arbitration.verifies,
  meetsWinner: arbitration.meetsWinner,
  isProvedByBeats: arbitration.isProvedByBeats,
  verificationAfter: arbitration.verificationAfter,
  resumedClaim: arbitration.resumedClaim,
  remindersAfter: arbitration.remindersAfter,
  contestGapAfter: arbitration.contestGapAfter,
  defersAnnouncement: arbitration.defersAnnouncement,
  isCorrected: arbitration.isCorrected,
  asksForItself: arbitration.asksForItself,
  announcesAfterIsolation: arbitration.announcesAfterIsolation,
  claimlessAnswerSilences: arbitration.claimlessAnswerSilences,
  leaveReason: yielding.leaveReason,
  isOverridden: yielding.isOverridden,
  overrideEnd: yielding.overrideEnd,
  nextSuccessor: yielding.nextSuccessor,
  offeredTerm: yielding.offeredTerm,
  offerPeriod: yielding.offerPeriod,
  keepsUntaken: yielding.keepsUntaken,
  keptClaim: yielding.keptClaim,
  takesOffer: yielding.takesOffer,
  isPlaced: failback.isPlaced,
  awaitsBetter: yielding.awaitsBetter,
  holdAfter: failback.holdAfter,
  failbackAt: failback.failbackAt,
  learns: learning.learns,
  tellsClaimsOf: learning.tellsClaimsOf,
  heedsOwner: learning.heedsOwner,
  isReady: start.isReady,
  takesOver: start.takesOver,
  silentSince: start.silentSince,
  standstill: start.standstill,
  slackAfter: strain.slackAfter,
  backlogIsEvidence: start.backlogIsEvidence,
  newsRate: timing.newsRate,
  hasRoom: greeting.hasRoom,
  defends: conflict.defends,
  isInUse: conflict.isInUse,
  legacySilences: legacy.legacySilences,
};
