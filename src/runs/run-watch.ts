/** Something to know beside a result. */
export interface Notice {
  readonly code: string;
  readonly message: string;
}

/** What a run's progress is counted in. */
export type WorkUnit = 'bars' | 'events' | 'trials' | 'runs';

/** Hears how a use case gets on, and may end it. `Note` is what is said beside the count. */
export interface RunWatch<Note = undefined> {
  /** Aborted: the run ends early, with what it has so far. */
  readonly signal: AbortSignal;
  /** Everything is open, and `total` units of work follow. */
  onBegin?(total: number, unit: WorkUnit): void;
  onProgress?(done: number, note: Note): void;
  /** The counted work is done or was stopped. Checks and files may follow. */
  onEnd?(): void;
}
