/** Splits a stream of text into its lines, without the line ends. */
export class TextLineStream extends TransformStream<string, string> {
  /** Makes the stream; the last line needs no line end. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller): void {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller): void {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
