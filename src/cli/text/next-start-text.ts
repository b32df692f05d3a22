import type { NextStart } from '../../operator/control/next-start.js';

const TAKES_NOTHING_OFF = 'it takes nothing off until a new flatten';

/** What the next start will do, in its order: what it begins in, and what lifts that. */
export function nextStartLines({ state, reason, actor, resume }: NextStart): (readonly [string, string])[] {
  const because = `${actor === null ? '' : ` by ${actor}`}${reason === null ? '' : `: ${reason}`}`;
  const begins =
    state === null
      ? 'begins in the state of its journal, if that can be read then'
      : `begins ${state}${state === 'NORMAL' ? '' : because}${state === 'FLATTENING' ? `; ${TAKES_NOTHING_OFF}` : ''}`;
  return [
    ['Next start', begins],
    ...(resume === null || state === 'NORMAL' ? [] : [['Then', resumes(resume)] as const]),
  ];
}

function resumes({ actor, reason, until, lapsed }: NonNullable<NextStart['resume']>): string {
  const asked = `by ${actor}: ${reason}`;
  const by = new Date(until).toISOString();
  return lapsed
    ? `stays so: the request to resume ${asked} held until ${by}`
    : `resumes once bot and venue agree, if started before ${by}, ${asked}`;
}
