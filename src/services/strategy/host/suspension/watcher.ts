/** Who is told what a strategy did while it was told something. */
export interface Watcher {
  /** A handler threw. `isTold` is false where nobody else hears of it. */
  failed(handler: string, error: unknown, at: number, isTold: boolean): void;
  /** Undefined where no host time is measured. */
  readonly timer: HandlerTimer | undefined;
  /** Views are refused once their handler has returned. */
  readonly guardsViews: boolean;
}
export interface HandlerTimer {
  /** Host milliseconds. */
  now(): number;
  took(handler: string, began: number, at: number): void;
}
