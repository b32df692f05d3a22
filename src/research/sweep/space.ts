import { Decimal, parseDecimal } from '../../domain/decimal.js';
import { fault } from '../../domain/errors.js';

const MOST_VALUES = 100_000;
const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/;

/** One setting and the values it may take, in the spelling of `--param`. */
export interface Dimension {
  readonly name: string;
  readonly values: readonly string[];
}

/** A point: the index of a value in each dimension. */
export type Point = readonly number[];

/** The settings a sweep searches: a finite grid, whoever walks it. */
export class Space {
  /** Points of the grid. */
  readonly size: number;

  constructor(readonly dimensions: readonly Dimension[]) {
    this.size = dimensions.reduce((product, { values }) => product * values.length, 1);
  }

  /** `shortMa=5..50:5` and `kind=a,b` as dimensions; throws CLI-001 for what is neither. */
  static of(parameters: Readonly<Record<string, string>>): Space {
    return new Space(Object.entries(parameters).map(([name, text]) => ({ name, values: valuesOf(name, text) })));
  }

  parametersAt(point: Point): Record<string, string> {
    return Object.fromEntries(
      this.dimensions.map(({ name, values }, index) => [name, values[point[index] as number] as string]),
    );
  }

  /** The point with this number, the last dimension fastest. */
  pointAt(number: number): Point {
    const point: number[] = [];
    let rest = number;
    for (const { values } of [...this.dimensions].reverse()) {
      point.push(rest % values.length);
      rest = Math.floor(rest / values.length);
    }
    return point.reverse();
  }

  numberOf(point: Point): number {
    return this.dimensions.reduce((number, { values }, index) => number * values.length + (point[index] as number), 0);
  }
}

/** `5..50:5` both ends included as far as the step reaches them, `5..50` by ones, `a,b,c`, or one value. */
function valuesOf(name: string, text: string): readonly string[] {
  const [, from, to, step] = RANGE.exec(text) ?? [];
  const values =
    from === undefined || to === undefined
      ? text.split(',').map((value) => value.trim())
      : steps(name, text, from, to, step);
  if (values.length > MOST_VALUES) throw invalid(name, `at most ${MOST_VALUES} values`, `${values.length}`);
  if (values.some((value) => value === '')) throw invalid(name, 'values between its commas', text);
  if (new Set(values).size < values.length) throw invalid(name, 'different values', text);
  return values;
}

function steps(name: string, text: string, fromText: string, toText: string, stepText: string | undefined): string[] {
  const [from, to] = [parseDecimal(fromText, name), parseDecimal(toText, name)];
  if (stepText === undefined && !(from.isInteger() && to.isInteger()))
    throw invalid(name, 'a range with its step, as 0.1..0.5:0.1', text);
  const step = parseDecimal(stepText ?? '1', name);
  if (!(step.gt(0) && from.lte(to))) throw invalid(name, 'a rising range with a step above zero', text);
  const count = to.minus(from).div(step).floor().toNumber() + 1;
  if (count > MOST_VALUES) throw invalid(name, `at most ${MOST_VALUES} values`, String(count));
  return Array.from({ length: count }, (_, index) => from.plus(step.times(new Decimal(index))).toFixed());
}

const invalid = (name: string, must: string, was: string): Error =>
  fault('CLI-001', `--param ${name} must have ${must}, was ${was}.`, {
    fix: `Write for example --param ${name}=5..50:5 or --param ${name}=10,20,40.`,
  });
