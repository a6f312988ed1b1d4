/** The HTTP answers of the webhooks. */
import type { ConfigResources } from "../config/mod.ts";
import type { Raw } from "../kube/mod.ts";
import {
  type AdmissionVerdict,
  type DenialReason,
  judgeAlone,
  judgeRequest,
} from "./admission.ts";
import { admissionReview, readAdmissionReview } from "./admission_review.ts";
import { type Body, BodyReader } from "./body.ts";
import { convertObjects, readConversionReview } from "./conversion_review.ts";
import { ReviewError } from "./review.ts";
import { CONVERSION_PATH, VALIDATING_WEBHOOKS } from "./webhooks.ts";

/** How a request ended; a label of the metric. */
export type WebhookResult =
  /** The write may happen. */
  | "allowed"
  /** The write is refused. */
  | "denied"
  /** All objects were converted. */
  | "converted"
  /** At least one object could not be converted. */
  | "notConverted"
  /** The request was no review, or too large. */
  | "badRequest"
  /** Others were being answered, so that there was no room. */
  | "busy"
  /** The other resources could not be read. */
  | "error";

/** What the handler works with. */
export interface WebhookOptions {
  /** Namespace of the resources. */
  readonly namespace: string;
  /**
   * Reads all resources as they are stored at this moment. It may throw, which
   * leaves the decision to the failure policy of the webhook.
   */
  readonly read: () => Promise<ConfigResources>;
  /** Told of every answer. */
  readonly onAnswer: (path: string, result: WebhookResult) => void;
  /** Told of every reason for a refusal. */
  readonly onDenial: (reason: DenialReason) => void;
  /** Told why the other resources could not be read. */
  readonly onFailure: (error: unknown) => void;
}

/** An object has 1.5 MB at most, and an update brings two of them. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** As text and as values they take a multiple of that. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

const PATHS = new Set(VALIDATING_WEBHOOKS.map(({ path }) => path));

/** What a request is answered with. */
interface Answer {
  readonly result: WebhookResult;
  readonly response: Response;
}

/**
 * Makes the handler of the webhooks' port. Any request gets an answer, and
 * only an `AdmissionReview` or `ConversionReview` one that says more than no.
 */
export function webhookHandler(
  options: WebhookOptions,
): (request: Request) => Promise<Response> {
  const bodies = new BodyReader({
    each: MAX_BODY_BYTES,
    together: MAX_HELD_BYTES,
  });
  return async (request) => {
    const { pathname } = new URL(request.url);
    const isConversion = pathname === CONVERSION_PATH;
    if (!isConversion && !PATHS.has(pathname)) {
      return plain(404, "There is no webhook at this path");
    }
    if (request.method !== "POST") {
      const response = plain(405, "Only POST is served here");
      response.headers.set("allow", "POST");
      return response;
    }
    const { result, response } = await bodies.with(
      request,
      (body) => answer(body, isConversion, options),
    );
    options.onAnswer(pathname, result);
    return response;
  };
}

async function answer(
  body: Body,
  isConversion: boolean,
  options: WebhookOptions,
): Promise<Answer> {
  switch (body.kind) {
    case "tooLarge":
      return badRequest(413, `The body has more than ${MAX_BODY_BYTES} bytes`);
    case "busy":
      return {
        result: "busy",
        response: plain(503, "Too much is being answered: try again"),
      };
    case "broken":
      return badRequest(400, "The body is no text in UTF-8");
    case "text":
      break;
  }
  try {
    return isConversion ? convert(body.text) : await admit(body.text, options);
  } catch (error) {
    if (error instanceof ReviewError) return badRequest(400, error.message);
    throw error;
  }
}

function convert(json: string): Answer {
  const { review, failures } = convertObjects(readConversionReview(json));
  return {
    result: failures === 0 ? "converted" : "notConverted",
    response: Response.json(review),
  };
}

async function admit(json: string, options: WebhookOptions): Promise<Answer> {
  const request = readAdmissionReview(json);
  let verdict = judgeAlone(request, options.namespace);
  if (verdict === undefined) {
    const stored = await readStored(options);
    if (stored === undefined) {
      const why = "Cannot read the resources that it has to go with";
      return { result: "error", response: plain(500, why) };
    }
    verdict = judgeRequest(request, stored);
  }
  return decided(admissionReview(request, verdict), verdict, options);
}

async function readStored(
  { read, onFailure }: WebhookOptions,
): Promise<ConfigResources | undefined> {
  try {
    return await read();
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}

function decided(
  review: Raw,
  { reasons }: AdmissionVerdict,
  { onDenial }: WebhookOptions,
): Answer {
  reasons.forEach((reason) => onDenial(reason));
  return {
    result: reasons.length === 0 ? "allowed" : "denied",
    response: Response.json(review),
  };
}

function badRequest(status: number, why: string): Answer {
  return { result: "badRequest", response: plain(status, why) };
}

function plain(status: number, why: string): Response {
  return new Response(`${why}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}
