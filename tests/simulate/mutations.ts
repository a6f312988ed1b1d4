import { RULES, type Rules } from "../../mod/claims/mod.ts";

/** One rule, broken. */
export interface Mutation {
  /** What happens without it. */
  readonly about: string;
  /** The rules that replace those of the product. */
  readonly rules: Partial<Rules>;
  /** The mix in which it shows. */
  readonly mix: string;
}

/** Every rule broken once, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  rankStep: {
    about: "all candidates take over at once",
    rules: { rankDelay: () => 0 },
    mix: "crash",
  },
  rank: {
    about: "every candidate takes itself for the first",
    rules: { rankOf: () => 1 },
    mix: "crash",
  },
  partners: {
    about: "nobody needs anybody's beats",
    rules: { partnersOf: () => [] },
    mix: "crash",
  },
  availability: {
    about: "a starting or draining candidate is waited for",
    rules: { isAvailable: (peer) => peer.isAlive },
    mix: "succession",
  },
  partnersByOrder: {
    about: "nobody beats a peer that membership calls dead",
    rules: { isPartnerByOrder: () => false },
    mix: "heal",
  },
  presence: {
    about: "a candidate that is not on the segment is relied on",
    rules: { isPresent: () => true },
    mix: "branch",
  },
  mesh: {
    about: "standbys do not beat one another",
    rules: { standbysBeat: () => false },
    mix: "link",
  },
  veto: {
    about: "no peer vouches for another",
    rules: { lifeOf: (_ctx, peer) => peer.life },
    mix: "link",
  },
  deafness: {
    about: "a deaf owner counts as alive",
    rules: { lifeOfBeat: (_beat, now) => now },
    mix: "links",
  },
  sound: {
    about: "groups are handed over to whoever was heard of late",
    rules: {
      isSound: (peer, timing, now) => now - peer.beatAt < timing.detect,
    },
    mix: "handover",
  },
  contemporary: {
    about: "whatever was recorded before it started, a node believes",
    rules: { isContemporary: () => true },
    mix: "rebeat",
  },
  disarm: {
    about: "a session that nobody wants any more stays armed",
    rules: { isDisarmed: () => false },
    mix: "drain",
  },
  endsBelief: {
    about: "a restarted owner is believed in",
    rules: { endsBelief: () => false },
    mix: "restart",
  },
  incarnation: {
    about: "a node whose clock went back does not notice",
    rules: { incarnationAfter: (own) => own },
    mix: "skew",
  },
  denial: {
    about: "an owner is believed in that claims nothing",
    rules: { isDenied: () => false },
    mix: "move",
  },
  remembersEnd: {
    about: "who starts takes no note of claims that ended before",
    rules: { remembersEnd: (_group, wasOwner) => wasOwner },
    mix: "amnesia",
  },
  tellsEnd: {
    about:
      "a candidate is told that an owner lives, not that it gave a group up",
    rules: { tellsEnd: () => false },
    mix: "movecut",
  },
  heedsEnd: {
    about:
      "a candidate believes in the claim of an owner that it does not hear",
    rules: { heedsEnd: () => false },
    mix: "movecut",
  },
  learns: {
    about: "who starts does not ask who owns what",
    rules: { learns: () => false },
    mix: "newcomer",
  },
  tellsClaims: {
    about: "who starts is told only what those claim that it hears",
    rules: { tellsClaimsOf: () => false },
    mix: "newcomer",
  },
  heedsOwner: {
    about: "who starts believes only those that it hears",
    rules: { heedsOwner: () => false },
    mix: "newcomer",
  },
  meetsStandbys: {
    about: "a candidate that starts beats only those whom its rank needs",
    rules: {
      asksStandbys: (group) =>
        group.ownerPeer !== undefined && RULES.asksStandbys(group),
    },
    mix: "latecomer",
  },
  questionsBelieved: {
    about: "a claim that was given up, in a question, is believed in",
    rules: { isBelieved: () => true },
    mix: "dominoes",
  },
  backstop: {
    about: "candidates without a session rely on membership",
    rules: { patienceWithoutSession: () => Infinity },
    mix: "far",
  },
  alone: {
    about: "who hears nobody claims like any other",
    rules: { isAlone: () => false },
    mix: "bystander",
  },
  heardInVain: {
    about: "questions count that were asked while nobody could hear them",
    rules: { heardInVainAt: () => -Infinity },
    mix: "blink",
  },
  lasting: {
    about: "contact of a moment proves that questions were heard",
    rules: { isProofLasting: () => true },
    mix: "flicker",
  },
  unproven: {
    about:
      "a group that was taken over while nobody heard it stays claimed in full",
    rules: { unprovenAt: () => Infinity },
    mix: "heir",
  },
  raise: {
    about: "a take-over does not raise the term",
    rules: {
      takeOverClaim: (ctx, group, alone) => ({
        term: Math.max(1, group.seen.term),
        full: !alone,
        hash: group.hash,
        node: ctx.self.node,
      }),
    },
    mix: "replay",
  },
  mute: {
    about: "who hears nobody broadcasts",
    rules: { mayBroadcast: () => true },
    mix: "deaf",
  },
  claimsInQuestions: {
    about: "questions carry no claims",
    rules: { claimInQuestion: () => undefined },
    mix: "heal",
  },
  repeatedAnnouncements: {
    about: "whatever an owner announces shows that it lives",
    rules: {
      isEvidence: (path) => path === "answer" || path === "announcement",
    },
    mix: "deaf",
  },
  silence: {
    about: "a higher claim silences nobody",
    rules: { silences: () => false },
    mix: "split",
  },
  relay: {
    about: "a relayed claim silences",
    rules: { relayedSilences: () => true },
    mix: "heal",
  },
  verify: {
    about: "a loser believes in the winner at once",
    rules: { verifies: () => false },
    mix: "replay",
  },
  meetsWinner: {
    about: "a loser asks for the winner, and does not beat it",
    rules: { meetsWinner: () => false },
    mix: "feud",
  },
  proofByBeats: {
    about: "the winner's beats prove nothing",
    rules: { isProvedByBeats: () => false },
    mix: "snoop",
  },
  verification: {
    about: "a loser that is silenced again and again resumes as soon each time",
    rules: { verificationAfter: ({ self }) => self.timing.verify },
    mix: "dispute",
  },
  resume: {
    about: "a loser resumes with the claim that it gave up",
    rules: { resumedClaim: (_ctx, group) => group.loss.gave },
    mix: "replay",
  },
  reminders: {
    about: "a loser does not make the winner announce",
    rules: { remindersAfter: () => 0 },
    mix: "heal",
  },
  contestPause: {
    about: "every lower claim is answered",
    rules: { contestGapAfter: () => 0 },
    mix: "split",
  },
  deferral: {
    about: "an announcement within the pause is dropped",
    rules: { defersAnnouncement: () => false },
    mix: "heckler",
  },
  correction: {
    about: "an owner does not care about higher claims that are remembered",
    rules: { isCorrected: () => false },
    mix: "widows",
  },
  correctionHeard: {
    about: "an owner that nobody hears claims above what it is told of",
    rules: {
      isCorrected: ({ rules, ...ctx }, group, now) =>
        RULES.isCorrected(
          { ...ctx, rules: { ...rules, isAlone: () => false } },
          group,
          now,
        ),
    },
    mix: "muted",
  },
  ownQuestions: {
    about: "an owner never asks for its own group",
    rules: { asksForItself: () => false },
    mix: "rivals",
  },
  regained: {
    about: "an owner does not announce after an isolation",
    rules: { announcesAfterIsolation: () => false },
    mix: "widow",
  },
  claimlessTie: {
    about: "an answer without a claim silences nobody",
    rules: { claimlessAnswerSilences: () => false },
    mix: "rivals",
  },
  candidacy: {
    about: "an owner that is no candidate keeps its group",
    rules: {
      leaveReason: (ctx, group, now) => {
        const reason = RULES.leaveReason(ctx, group, now);
        return reason === "notCandidate" ? undefined : reason;
      },
    },
    mix: "views",
  },
  overrideEnd: {
    about: "an offer overrides the taker's own view for ever",
    rules: { overrideEnd: () => Infinity },
    mix: "views",
  },
  override: {
    about: "an offer does not override the taker's own view",
    rules: { isOverridden: () => false },
    mix: "views",
  },
  nextSuccessor: {
    about: "only the first candidate is offered a group",
    rules: {
      nextSuccessor: (ctx, group) =>
        group.candidates.find(({ node }) => node !== ctx.self.node)?.node,
    },
    mix: "handover",
  },
  askStandbys: {
    about: "a candidate that asks in vain does not hear the standbys",
    rules: { asksStandbys: () => false },
    mix: "farlink",
  },
  offeredTerm: {
    about: "an offer is no higher than the owner's claim",
    rules: { offeredTerm: ({ claim }) => claim.term },
    mix: "term",
  },
  keep: {
    about: "an owner falls silent when nobody takes its group",
    rules: { keepsUntaken: () => false },
    mix: "handover",
  },
  kept: {
    about: "an owner that hears nobody raises its term when it is not relieved",
    rules: {
      keptClaim: (_ctx, group) => ({
        ...group.claim,
        term: RULES.offeredTerm(group) + 1,
      }),
    },
    mix: "recluse",
  },
  staleOffers: {
    about: "any offer is taken",
    rules: { takesOffer: (_ctx, group) => group.isKnown && !group.isOurs },
    mix: "mutiny",
  },
  hold: {
    about: "a returned candidate gets its groups at the first sound contact",
    rules: {
      failbackAt: (_ctx, group) =>
        group.failback.kind === "never" ? Infinity : 0,
    },
    mix: "flap",
  },
  doubling: {
    about: "a node that fails again and again is trusted as soon as any",
    rules: { holdAfter: (hold) => hold },
    mix: "flap",
  },
  placed: {
    about:
      "a node that has returned gets its groups as if it had been preferred",
    rules: { isPlaced: () => true },
    mix: "term",
  },
  awaitsBetter: {
    about: "a group goes to whoever comes first of those in contact already",
    rules: { awaitsBetter: () => false },
    mix: "prefer",
  },
  ready: {
    about: "a node that starts or drains takes groups",
    rules: { isReady: () => true },
    mix: "drain",
  },
  reserve: {
    about: "a node that may not forward yet stays away though nobody answers",
    rules: { takesOver: RULES.isReady },
    mix: "boot",
  },
  reserveRank: {
    about: "a node that may not forward yet takes over as if it did",
    rules: {
      rankOf: (ctx, { candidates, owner }, now) => {
        const own = candidates.findIndex(({ peer }) => peer === undefined);
        const before = candidates.slice(0, own).filter(({ node, peer }) =>
          peer !== undefined && node !== owner.node &&
          ctx.rules.isAvailable(peer, now)
        );
        return own < 0 ? Infinity : before.length + 1;
      },
    },
    mix: "boot",
  },
  startsTogether: {
    about: "nobody waits for those who start at the same time",
    rules: { silentSince: ({ asking }) => asking.since },
    mix: "cold",
  },
  defence: {
    about: "an address is defended against a foreign host each time",
    rules: { defends: ({ isOurs }) => isOurs },
    mix: "foreign",
  },
  inUse: {
    about: "a new address is used although somebody answers for it",
    rules: { isInUse: () => false },
    mix: "foreign",
  },
  stall: {
    about: "who stood still goes on as if nothing had happened",
    rules: { standstill: () => "none" },
    mix: "pause",
  },
  stretched: {
    about: "who beats more rarely than is set takes its own pauses for stalls",
    rules: {
      standstill: ({ heartbeats: { beat, misses } }, silence) =>
        silence <= beat * misses ? "none" : "replaced",
    },
    mix: "shrink",
  },
  news: {
    about:
      "beats in turn leave no room for others, and offers do not wait for them",
    rules: {
      offerPeriod: () => 500,
      newsRate: () => ({ perSecond: 0, burst: 0 }),
    },
    mix: "farewell",
  },
  room: {
    about: "an owner greets as many as claim less, or may be offered a group",
    rules: { hasRoom: () => true },
    mix: "chorus",
  },
  slack: {
    about: "who is late again and again is waited for no longer",
    rules: { slackAfter: (slack) => slack },
    mix: "busy",
  },
  backlog: {
    about: "what was buffered during a stall is evidence of life",
    rules: { backlogIsEvidence: () => true },
    mix: "lateoffer",
  },
  legacyOrder: {
    about:
      "an owner does not give way to a speaker of MetalLB's that comes first",
    rules: { legacySilences: () => false },
    mix: "metallb",
  },
  questions: {
    about: "the LAN is not asked",
    rules: { asksBeforeTakeOver: () => false },
    mix: "ipcut",
  },
  witnesses: {
    about: "no witness is asked",
    rules: { asksWitnesses: () => false },
    mix: "rack",
  },
};

/** The product's rules, one of them broken; `undefined` = none. */
export function rulesWithout(name: string | undefined): Rules {
  const mutation = name === undefined ? undefined : MUTATIONS[name];
  return { ...RULES, ...mutation?.rules };
}
