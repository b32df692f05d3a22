type After = (delayMs: number, callback: () => void) => () => void;

/**
 * A sleep made of one timer. Leaves neither a timer nor a listener behind, however it ends. Rejects for a bad delay.
 */
export function sleepWith(after: After, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(delayMs, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    function abort(): void {
      cancel();
      resolve();
    }
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
