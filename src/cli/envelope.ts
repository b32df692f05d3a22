import { PerpsBotError, messageOf, type Problem } from '../domain/errors.js';
import { codeOf } from './errors.js';
import type { Json } from '../ports/storage/event-store.js';
import type { Notice } from '../runs/run-watch.js';

const SCHEMA_VERSION = 1;

/** The one shape of every `--json` output. Decimals are text, times ISO-8601 in UTC. */
export interface Envelope {
  readonly schemaVersion: number;
  readonly kind: string;
  readonly ok: boolean;
  readonly generatedAt: string;
  readonly build: string;
  readonly data: Json;
  readonly warnings: readonly Notice[];
  readonly error: Json;
}

interface Origin {
  readonly build: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export const success = (
  kind: string,
  data: Json,
  warnings: readonly Notice[],
  ok: boolean,
  origin: Origin,
): Envelope => ({
  schemaVersion: SCHEMA_VERSION,
  kind,
  ok,
  generatedAt: new Date(origin.at).toISOString(),
  build: origin.build,
  data,
  warnings,
  error: null,
});

export const failure = (kind: string, error: unknown, origin: Origin): Envelope => ({
  ...success(kind, null, [], false, origin),
  error: errorOf(error),
});

function errorOf(error: unknown): Json {
  if (!PerpsBotError.is(error))
    return { code: 'UNEXPECTED', message: messageOf(error), where: null, why: null, fix: null, problems: [] };
  return {
    code: codeOf(error),
    message: error.message,
    where: error.where ?? null,
    why: error.why ?? null,
    fix: error.fix ?? null,
    problems: error.problems.map((problem) => problemOf(problem)),
  };
}

export const problemOf = (problem: Problem): Json => ({
  code: problem.code,
  message: problem.message,
  where: problem.where ?? null,
  fix: problem.fix ?? null,
});
