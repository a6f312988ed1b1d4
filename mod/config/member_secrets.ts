/**
 * The secrets of the speakers, as the Secret `memberlist` is mounted: MetalLB's
 * file `secretkey`, and two that are there while it is replaced.
 */

/** The files by what they are for. */
export const SECRET_FILES = {
  /** What is sent is protected with this one. */
  primary: "secretkey",
  /** The one that will be `secretkey`: what others send may be protected with it. */
  next: "secretkey-next",
  /** The one that was `secretkey`: the same. */
  previous: "secretkey-previous",
} as const;

/** The texts of the files; `undefined` for one that is not there. */
export type SecretTexts = Readonly<
  Record<keyof typeof SECRET_FILES, string | undefined>
>;

/** Secrets that are in force together. */
export interface MemberSecrets {
  /** What is sent is protected with this one. */
  readonly primary: string;
  /** What comes may be protected with one of these as well; without the primary one. */
  readonly accepted: readonly string[];
}

/** The secrets of the files, or all that is wrong with them, one sentence each. */
export type MemberSecretsResult =
  | { readonly kind: "secrets"; readonly secrets: MemberSecrets }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/**
 * Reads the files. A secret is the whole text of its file, as for MetalLB: a
 * line break at its end is part of it. The problems hold nothing of the secrets.
 */
export function readMemberSecrets(texts: SecretTexts): MemberSecretsResult {
  const { primary, next, previous } = texts;
  const problems = (["primary", "next", "previous"] as const)
    .filter((use) => texts[use] === "")
    .map((use) => `${SECRET_FILES[use]} is empty: give it a secret, or none`);
  if (primary === undefined) {
    problems.push(
      `${SECRET_FILES.primary} is missing: it must hold what all members share`,
    );
  }
  if (primary === undefined || problems.length > 0) {
    return { kind: "refused", problems };
  }
  const others = new Set([next, previous].filter((text) => text !== undefined));
  others.delete(primary);
  return { kind: "secrets", secrets: { primary, accepted: [...others] } };
}
