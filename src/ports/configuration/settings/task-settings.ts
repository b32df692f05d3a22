export interface TaskSettings {
  readonly guardsMs: number;
  readonly orderReconcileMs: number;
  readonly positionReconcileMs: number;
  readonly accountTelemetryMs: number;
  /** Consecutive failed cycles before the bot stops trying (a cycle's failure alone never ends it). */
  readonly cycleErrorBudget: number;
  /** Starts within ten minutes without a stop in order, from which on the bot comes up LOCKED. */
  readonly fatalStarts: number;
  /** What one part may take to stop, on host time. */
  readonly stopBudgetMs: number;
}
