/** Waiting for what another process does. */

/** Reads until the answer is as wanted; the time limit is the test runner's. */
export async function until<T>(
  read: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  for (;;) {
    const answer = await read();
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
