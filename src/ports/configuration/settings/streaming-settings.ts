export interface StreamingSettings {
  readonly enabled: boolean;
  /** 1 best prices, 2 depth. */
  readonly level: 1 | 2;
  /** One `ws_mark_update` a symbol and this long in the journal; 0 for every one. */
  readonly journalSampleMs: number;
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}
