export interface StorageSettings {
  readonly driver: 'sqlite' | 'memory';
  /** Directory of this bot's journal and status files; absent only with `memory`. */
  readonly directory?: string;
}
