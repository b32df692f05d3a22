export interface StorageSettings {
  readonly driver: 'sqlite' | 'memory';
  /** Directory of this bot's journal and status files; absent only with `memory`. */
  readonly directory?: string;
  /** How long samples (`SAMPLES`) stay in the journal before they go to its archive. Absent: for ever. */
  readonly keepSamplesMs?: number;
}
