/** An image that cannot be built: what failed, and what the person can do. */
export class ImageError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "ImageError";
}
