import type { RunWatch } from '../runs/run-watch.js';
import type { CliHost, StopSignal } from './host.js';
import { stopOnSignal, type SignalWatch } from './stop-on-signal.js';
import { Progress } from './text/progress.js';

export interface WatchedRun<T> {
  readonly answer: T;
  /** The signal that asked for an early end. */
  readonly stoppedBy: StopSignal | undefined;
}

/** Runs a use case with its progress on standard error. Once its work has begun, the first signal ends it early. */
export async function watchedRun<T, Note = undefined>(
  host: CliHost,
  title: string,
  noteText: (note: Note) => string,
  run: (watch: RunWatch<Note>) => Promise<T>,
): Promise<WatchedRun<T>> {
  const abort = new AbortController();
  let signals: SignalWatch | undefined;
  let progress: Progress | undefined;
  const watch: RunWatch<Note> = {
    signal: abort.signal,
    onBegin: (total, unit) => {
      signals = stopOnSignal(host, () => abort.abort());
      progress = new Progress(host.io.stderr, host.clock, title, total, unit);
    },
    onProgress: (done, note) => progress?.update(done, noteText(note)),
    onEnd: () => progress?.stop(),
  };
  try {
    const answer = await run(watch);
    return { answer, stoppedBy: signals?.received };
  } finally {
    progress?.stop();
    signals?.close();
  }
}
