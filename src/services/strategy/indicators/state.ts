import { fault } from '../../../domain/errors.js';

/** What an indicator remembers. NaN is written as null. */
export type IndicatorState =
  number | null | boolean | string | readonly IndicatorState[] | { readonly [key: string]: IndicatorState };

type Fields = Record<string, unknown>;

/** The numbers of an object, and of the objects it is made of, by field. */
export function stateOf(value: object): IndicatorState {
  if (value instanceof Float64Array) return Array.from(value, written);
  const state: Record<string, IndicatorState> = {};
  for (const [key, field] of Object.entries(value)) {
    if (typeof field === 'number') state[key] = written(field);
    else if (typeof field === 'boolean' || typeof field === 'string') state[key] = field;
    else if (typeof field === 'object' && field !== null) state[key] = stateOf(field as object);
  }
  return state;
}

/** Puts a state into an object of the same make; checked whole before anything is changed. */
export function restoreState(target: object, state: IndicatorState, name: string): void {
  if (!fits(target, state))
    throw fault(
      'STORE-001',
      `State of ${name} must be a snapshot of the same indicator, was ${JSON.stringify(state).slice(0, 80)}.`,
    );
  put(target, state);
}

function fits(target: object, state: IndicatorState | undefined): boolean {
  if (target instanceof Float64Array)
    return Array.isArray(state) && state.length === target.length && state.every(isNumber);
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return false;
  const saved = state as Readonly<Record<string, IndicatorState>>;
  return Object.entries(target).every(([key, field]) => {
    if (typeof field === 'number') return isNumber(saved[key]);
    if (typeof field === 'string') return saved[key] === field;
    if (typeof field === 'boolean') return typeof saved[key] === 'boolean';
    return typeof field !== 'object' || field === null || fits(field as object, saved[key]);
  });
}

function put(target: object, state: IndicatorState): void {
  if (target instanceof Float64Array) {
    (state as readonly (number | null)[]).forEach((value, index) => (target[index] = read(value)));
    return;
  }
  const saved = state as Readonly<Record<string, IndicatorState>>;
  for (const [key, field] of Object.entries(target)) {
    const value = saved[key];
    if (typeof field === 'number') (target as Fields)[key] = read(value as number | null);
    else if (typeof field === 'boolean') (target as Fields)[key] = value;
    else if (typeof field === 'object' && field !== null) put(field as object, value as IndicatorState);
  }
}

const written = (value: number): number | null => (Number.isFinite(value) ? value : null);
const read = (value: number | null): number => value ?? Number.NaN;
const isNumber = (value: unknown): boolean => value === null || typeof value === 'number';
