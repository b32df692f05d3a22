export interface StorageSettings {
  readonly driver: 'sqlite' | 'memory';
  /** Directory of this bot's journal and status files; absent only with `memory`. */
  readonly directory?: string;
  /** Folder in which this user's bots hold the accounts that they trade. Absent: `accounts` in the user's state. */
  readonly accounts?: string;
  /** How long samples (`SAMPLES`) stay in the journal before they go to its archive. Absent: for ever. */
  readonly keepSamplesMs?: number;
}
