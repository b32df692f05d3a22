/** What a sweep may try of a parameter. Numbers without bounds are not swept. */
export interface ParameterRange {
  readonly kind: 'int' | 'number' | 'percent' | 'flag' | 'choice';
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** The words of a choice. */
  readonly options?: readonly string[];
}
