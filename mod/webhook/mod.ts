/**
 * The webhooks: which writes of custom resources are refused, and BGPPeers in
 * another version. Everything but the reading of the other resources is here.
 *
 * @module
 */
export {
  type AdmissionVerdict,
  type DenialReason,
  judgeAlone,
  judgeRequest,
} from "./admission.ts";
export {
  type AdmissionAnswer,
  type AdmissionRequest,
  admissionReview,
  type Operation,
  readAdmissionReview,
} from "./admission_review.ts";
export {
  type BundleHolder,
  bundlePatch,
  type BundlePlace,
  CONFIGURATION_NAME,
  CONVERTED_DEFINITION_NAME,
  CUSTOM_RESOURCE_DEFINITIONS,
  encodeBundle,
  trusts,
  WEBHOOK_CONFIGURATIONS,
} from "./ca_bundle.ts";
export {
  readCertificates,
  type Secret,
  SECRETS,
  writeCertificates,
} from "./certificate_secret.ts";
export {
  type ConversionOutcome,
  type ConversionRequest,
  convertObjects,
  readConversionReview,
} from "./conversion_review.ts";
export {
  webhookHandler,
  type WebhookOptions,
  type WebhookResult,
} from "./handler.ts";
export { ReviewError } from "./review.ts";
export {
  CONVERSION_PATH,
  VALIDATING_WEBHOOKS,
  type ValidatingWebhook,
} from "./webhooks.ts";
