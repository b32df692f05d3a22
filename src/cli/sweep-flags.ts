import { isObjective, OBJECTIVES } from '../research/sweep/objective.js';
import { SEARCHES, type SearchName } from '../research/sweep/search.js';
import type { Space } from '../research/sweep/space.js';
import type { SearchRequest } from '../runs/search-request.js';
import type { SweepRequest, Workers } from '../runs/sweep-session.js';
import type { Context, FlagSpec, Flags } from './command.js';
import { countFlag, pairsFlag, usage } from './flags.js';
import { runFlags } from './run-flags.js';
import { marketRunOf } from './run-request.js';

/** Signs what goes through a queue; a flag would stand in the list of processes. */
export const QUEUE_SECRET = 'PERPSBOT_QUEUE_SECRET';

const DEFAULT_SEED = 1;
const DEFAULT_TRIALS: Readonly<Record<Exclude<SearchName, 'grid'>, number>> = { random: 100, evolution: 200 };
const SHARE = /^(\d{1,3}(?:\.\d{1,6})?)%$/;

/** Flags that every search has. */
export const SEARCH_FLAGS: readonly FlagSpec[] = [
  ...runFlags({
    param: {
      flags: '--param <key=values>',
      text: 'values of a setting: 5..50:5, or 10,20,40, or one; may be repeated',
      required: true,
    },
    seed: {
      text: "seed of the search and of everything random; default: 1 for the search, else the configuration's",
    },
  }),
  { flags: '--search <kind>', text: `${SEARCHES.join(', ')}; default: grid` },
  { flags: '--trials <n>', text: 'different points at most; default: all of a grid, 100 at random, 200 by evolution' },
  { flags: '--objective <name>', text: `${Object.keys(OBJECTIVES).join(', ')}; default: sharpe` },
  { flags: '--min-trades <n>', text: 'trials with fewer closed trades rank behind' },
  { flags: '--max-drawdown <share>', text: 'trials with a larger drawdown rank behind, as 25%' },
  { flags: '--jobs <n>', text: 'jobs at once; default: one a processor' },
  { flags: '--queue <url>', text: `Redis URL: the jobs are done by perpsbot worker, with the same ${QUEUE_SECRET}` },
  { flags: '--out <dir>', text: 'directory of the results; default: below the state directory' },
  { flags: '--resume', text: 'go on with the sweep in the directory' },
];

export async function searchRequestOf(flags: Flags): Promise<SearchRequest> {
  const { Space } = await import('../research/sweep/space.js');
  const space = Space.of(pairsFlag('--param', flags.list('param')));
  const search = flags.text('search') ?? 'grid';
  if (!isSearch(search))
    throw usage(`--search must be ${SEARCHES.join(', ')}, was "${search}".`, 'Write for example --search random.');
  const objective = flags.text('objective') ?? 'sharpe';
  if (!isObjective(objective))
    throw usage(
      `--objective must be one of ${Object.keys(OBJECTIVES).join(', ')}, was "${objective}".`,
      'Write for example --objective calmar.',
    );
  const minTrades = flags.text('minTrades');
  const maxDrawdown = flags.text('maxDrawdown');
  return {
    space,
    search,
    trials: trialsOf(flags.text('trials'), search, space),
    objective,
    constraints: {
      ...(minTrades === undefined ? {} : { minTrades: countFlag('--min-trades', minTrades, 1) }),
      ...(maxDrawdown === undefined ? {} : { maxDrawdown: shareOf(maxDrawdown) }),
    },
    seed: countFlag('--seed', flags.text('seed') ?? String(DEFAULT_SEED), 0),
  };
}

/** Everything a search is told beside what it searches. */
export function sweepRequestOf(context: Context, flags: Flags): SweepRequest {
  const out = flags.text('out');
  return {
    ...marketRunOf(context, flags),
    workers: workersOf(context, flags),
    resume: flags.has('resume'),
    ...(out === undefined ? {} : { out }),
  };
}

function workersOf({ host }: Context, flags: Flags): Workers {
  const [jobs, url] = [flags.text('jobs'), flags.text('queue')];
  const count = jobs === undefined ? undefined : countFlag('--jobs', jobs, 1);
  const secret = host.io.env[QUEUE_SECRET];
  if (url !== undefined)
    return {
      kind: 'farm',
      url,
      ...(count === undefined ? {} : { slots: count }),
      ...(secret === undefined ? {} : { secret }),
    };
  return { kind: 'threads', ...(count === undefined ? {} : { count }) };
}

const isSearch = (name: string): name is SearchName => (SEARCHES as readonly string[]).includes(name);

function trialsOf(text: string | undefined, search: SearchName, space: Space): number {
  if (search !== 'grid')
    return Math.min(space.size, text === undefined ? DEFAULT_TRIALS[search] : countFlag('--trials', text, 1));
  const most = text === undefined ? space.size : countFlag('--trials', text, 1);
  if (most < space.size)
    throw usage(
      `--trials must not be below the grid's ${space.size} points, was ${most}.`,
      'A grid that ends early has left out a corner: use --search random, or a coarser grid.',
    );
  return space.size;
}

function shareOf(text: string): number {
  const share = Number(SHARE.exec(text)?.[1] ?? NaN) / 100;
  if (!(share > 0 && share <= 1))
    throw usage(
      `--max-drawdown must be a share above 0% and up to 100%, was "${text}".`,
      'Write for example --max-drawdown 25%.',
    );
  return share;
}
