/**
 * Questions to the API server that it answers at once and does not store: who
 * a token belongs to, and what a user may do.
 */
import type { CallOptions } from "./port.ts";
import {
  compact,
  isRecord,
  list,
  type Raw,
  record,
  text,
} from "./projection.ts";

/** A kind of question. */
export interface ReviewKind<Answer> {
  /** API group. */
  readonly group: string;
  /** Version within the group. */
  readonly version: string;
  /** Name in URLs. */
  readonly plural: string;
  /** Name in objects. */
  readonly kind: string;
  /** Reads the answer from the object's status. */
  readonly read: (status: Raw) => Answer;
}

/** Asks the API server for its judgement. */
export interface ReviewClient {
  /**
   * Asks a question.
   *
   * @param kind What kind of question.
   * @param spec The question, as the API has it.
   * @throws {KubeError} When there is no answer.
   */
  review<Answer>(
    kind: ReviewKind<Answer>,
    spec: unknown,
    options?: CallOptions,
  ): Promise<Answer>;
}

/** `authentication.k8s.io/v1` UserInfo. */
export interface UserInfo {
  /** Name, such as `system:serviceaccount:monitoring:prometheus`. */
  readonly username: string;
  /** Different for each user that ever had this name. */
  readonly uid?: string;
  /** Groups that the user is in. */
  readonly groups?: readonly string[];
  /** What else the authenticator knows. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** `authentication.k8s.io/v1` TokenReviews: whose a token is, if it is good. */
export const TOKEN_REVIEWS: ReviewKind<UserInfo | undefined> = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "tokenreviews",
  kind: "TokenReview",
  read: ({ authenticated, user }) =>
    authenticated === true ? userInfo(record(user)) : undefined,
};

/** `authorization.k8s.io/v1` SubjectAccessReviews: whether a user may. */
export const SUBJECT_ACCESS_REVIEWS: ReviewKind<boolean> = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  read: isAllowed,
};

/** `authorization.k8s.io/v1` SelfSubjectAccessReviews: whether we may. */
export const SELF_SUBJECT_ACCESS_REVIEWS: ReviewKind<boolean> = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "selfsubjectaccessreviews",
  kind: "SelfSubjectAccessReview",
  read: isAllowed,
};

function isAllowed({ allowed, denied }: Raw): boolean {
  return allowed === true && denied !== true;
}

function userInfo(raw: Raw): UserInfo | undefined {
  const username = text(raw["username"]);
  if (username === undefined || username === "") return undefined;
  const extra = isRecord(raw["extra"]) ? raw["extra"] : undefined;
  return compact({
    username,
    uid: text(raw["uid"]),
    groups: list(raw["groups"], text),
    extra: extra === undefined ? undefined : Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        key,
        list(values, text) ?? [],
      ]),
    ),
  });
}
