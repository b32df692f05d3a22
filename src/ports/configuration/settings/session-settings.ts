/** UTC. Days are lower-case English names of the day on which the window opened; absent means every day. */
export interface SessionSettings {
  readonly startMinute?: number;
  readonly endMinute?: number;
  readonly days?: readonly string[];
}
