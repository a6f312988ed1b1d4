import { assertEquals } from "@std/assert";
import {
  ANNA,
  BERT,
  claimOf,
  GROUP,
  ME,
  RecordingSink,
} from "../../tests/claims_rig.ts";
import {
  asksForItself,
  claimlessAnswerSilences,
  contestGapAfter,
  isCorrected,
  isEvidence,
  isProvedByBeats,
  isReply,
  remindersAfter,
  silences,
  verificationAfter,
} from "./arbitration.ts";
import type { Context } from "./context.ts";
import type { Group } from "./group.ts";
import { addGroup, addPeer, makeContext } from "./test_context.ts";

const NOW = 10_000;

function owner(): { readonly ctx: Context; readonly group: Group } {
  const ctx = makeContext(ME, new RecordingSink());
  addPeer(ctx, ANNA);
  addPeer(ctx, BERT);
  const group = addGroup(ctx, GROUP, [ME, ANNA, BERT]);
  group.role = "owner";
  group.claim = claimOf(ME, 3);
  group.seen = group.claim;
  return { ctx, group };
}

const CLAIMS = [
  { name: "a higher term", claim: claimOf(ANNA, 4), silenced: true },
  {
    name: "the same term and a higher hash",
    claim: claimOf(ANNA, 3),
    silenced: false,
  },
  { name: "a lower term", claim: claimOf(ANNA, 2), silenced: false },
  {
    name: "a claim made alone",
    claim: claimOf(ANNA, 3, false),
    silenced: false,
  },
];
Deno.test.each(CLAIMS)(
  "silences() an owner: $name is $silenced",
  { permissions: "none" },
  ({ claim, silenced }) => {
    assertEquals(silences(owner().group, claim), silenced);
  },
);

const REPLIES = [
  { name: "never resumed", patience: 0, quiet: Infinity, term: 4, is: false },
  { name: "silenced at once", patience: 200, quiet: 3, term: 4, is: true },
  { name: "by a replay", patience: 200, quiet: 3, term: 5, is: false },
  { name: "silenced soon", patience: 200, quiet: 2000, term: 4, is: true },
  { name: "silenced later", patience: 200, quiet: 2001, term: 4, is: false },
  { name: "patient", patience: 800, quiet: 8000, term: 4, is: true },
];
Deno.test.each(REPLIES)(
  "isReply() $name: $is",
  { permissions: "none" },
  ({ patience, quiet, term, is }) => {
    const { loss } = owner().group;
    loss.gave = claimOf(ME, 3);
    loss.winner = claimOf(ANNA, term);
    loss.patience = patience;
    loss.resumedAt = NOW - quiet;
    assertEquals(isReply(loss, NOW), is);
  },
);

const VERIFICATIONS = [
  { replies: 0, ms: 200 },
  { replies: 1, ms: 200 },
  { replies: 2, ms: 400 },
  { replies: 6, ms: 6400 },
  { replies: 7, ms: 10_000 },
  { replies: 2000, ms: 10_000 },
];
Deno.test.each(VERIFICATIONS)(
  "verificationAfter() $replies replies is $ms ms",
  { permissions: "none" },
  ({ replies, ms }) => {
    assertEquals(verificationAfter(owner().ctx, replies), ms);
  },
);

const EVIDENCE = [
  { path: "answer", isNews: false, is: true },
  { path: "announcement", isNews: true, is: true },
  { path: "announcement", isNews: false, is: false },
  { path: "question", isNews: true, is: false },
  { path: "beat", isNews: true, is: false },
] as const;
Deno.test.each(EVIDENCE)(
  "isEvidence() a claim in a $path, news: $isNews, is $is",
  { permissions: "none" },
  ({ path, isNews, is }) => assertEquals(isEvidence(path, isNews), is),
);

const PROOFS = [
  {
    name: "a beat after the loss that claims as much",
    life: NOW,
    told: 4,
    proved: true,
  },
  { name: "a beat of before the loss", life: NOW - 1, told: 4, proved: false },
  { name: "a beat that claims less", life: NOW, told: 3, proved: false },
  { name: "a beat that claims nothing", life: NOW, told: 0, proved: false },
];
Deno.test.each(PROOFS)(
  "isProvedByBeats() by $name is $proved",
  { permissions: "none" },
  ({ life, told, proved }) => {
    const { ctx, group } = owner();
    group.loss.winner = claimOf(ANNA, 4);
    group.loss.since = NOW;
    const winner = addPeer(ctx, ANNA, { life });
    if (told > 0) {
      winner.told.set(GROUP, {
        claim: claimOf(ANNA, told),
        round: 0,
      });
    }
    assertEquals(isProvedByBeats(group, winner), proved);
  },
);

Deno.test("remindersAfter() an announcement are none: clients heard it, too", {
  permissions: "none",
}, () => {
  const paths = ["beat", "answer", "question", "announcement"] as const;
  assertEquals(paths.map(remindersAfter), [3, 3, 3, 0]);
});

Deno.test(
  "contestGapAfter() doubles from one second to a minute, and begins anew after a long quiet",
  {
    permissions: "none",
  },
  () => {
    const gaps = [0];
    for (let turn = 0; turn < 8; turn++) {
      const gap = gaps.at(-1) ?? 0;
      gaps.push(contestGapAfter(gap, gap));
    }
    assertEquals(gaps, [
      0,
      1000,
      2000,
      4000,
      8000,
      16_000,
      32_000,
      60_000,
      60_000,
    ]);
    assertEquals(contestGapAfter(4000, 40_000), 8000);
    assertEquals(contestGapAfter(4000, 40_001), 1000);
  },
);

const SEEN = [
  { name: "of another", seen: claimOf(ANNA, 5), full: true, corrected: true },
  {
    name: "of an earlier start of ours",
    seen: claimOf(ME, 5),
    full: true,
    corrected: true,
  },
  {
    name: "while it claims alone",
    seen: claimOf(ANNA, 5),
    full: false,
    corrected: false,
  },
  {
    name: "no higher than its own",
    seen: claimOf(ANNA, 3),
    full: true,
    corrected: false,
  },
  {
    name: "while nobody hears it",
    seen: claimOf(ANNA, 5),
    full: true,
    proofAt: NOW - 201,
    corrected: false,
  },
  {
    name: "while it hears nobody",
    seen: claimOf(ANNA, 5),
    full: true,
    heardAt: NOW - 2000,
    corrected: false,
  },
];
Deno.test.each(SEEN)(
  "isCorrected() an owner by a claim $name is $corrected",
  { permissions: "none" },
  ({ seen, full, heardAt = NOW, proofAt = NOW, corrected }) => {
    const { ctx, group } = owner();
    Object.assign(ctx.segment, { heardAt, proofAt });
    group.claim = claimOf(ME, 3, full);
    group.seen = seen;
    assertEquals(isCorrected(ctx, group, NOW), corrected);
  },
);

const RIVALS = [
  {
    name: "hears all partners",
    twoWayAt: NOW,
    beatAt: NOW,
    wanted: true,
    asks: false,
  },
  {
    name: "is heard by nobody",
    twoWayAt: NOW - 300,
    beatAt: NOW,
    wanted: true,
    asks: true,
  },
  {
    name: "does not hear a partner",
    twoWayAt: NOW,
    beatAt: NOW - 300,
    wanted: true,
    asks: true,
  },
  {
    name: "does not hear a far candidate",
    twoWayAt: NOW,
    beatAt: NOW - 300,
    wanted: false,
    asks: false,
  },
];
Deno.test.each(RIVALS)(
  "asksForItself() an owner that $name is $asks",
  { permissions: "none" },
  ({ twoWayAt, beatAt, wanted, asks }) => {
    const { ctx, group } = owner();
    ctx.segment.twoWayAt = twoWayAt;
    addPeer(ctx, ANNA, { beatAt, isWanted: wanted });
    addPeer(ctx, BERT, { beatAt: NOW, isWanted: true });
    assertEquals(asksForItself(ctx, group, NOW), asks);
  },
);

const CLAIMLESS = [
  {
    name: "of a lower hash, unheard for long",
    hash: 1,
    beatAt: NOW - 900,
    hasClaims: false,
    full: true,
    silenced: true,
  },
  {
    name: "of a higher hash",
    hash: 999,
    beatAt: NOW - 900,
    hasClaims: false,
    full: true,
    silenced: false,
  },
  {
    name: "of one that beats",
    hash: 1,
    beatAt: NOW - 899,
    hasClaims: false,
    full: true,
    silenced: false,
  },
  {
    name: "of one whose frames carry claims",
    hash: 1,
    beatAt: NOW - 900,
    hasClaims: true,
    full: true,
    silenced: false,
  },
  {
    name: "to an owner that claims alone",
    hash: 999,
    beatAt: NOW,
    hasClaims: true,
    full: false,
    silenced: true,
  },
];
Deno.test.each(CLAIMLESS)(
  "claimlessAnswerSilences() an answer $name is $silenced",
  { permissions: "none" },
  ({ hash, beatAt, hasClaims, full, silenced }) => {
    const { ctx, group } = owner();
    group.claim = claimOf(ME, 3, full);
    const peer = addPeer(ctx, ANNA, { beatAt });
    if (hasClaims) ctx.segment.claimsSeenFrom.add(ANNA);
    assertEquals(
      claimlessAnswerSilences(ctx, group, peer, hash, NOW),
      silenced,
    );
  },
);
