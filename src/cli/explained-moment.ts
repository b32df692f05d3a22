import { isMoment, MOMENT_RECORDS, momentOf, type Moment, type NoMoment } from '../backtest/explain/moment/moment.js';
import type { Json } from '../ports/storage/event-store.js';
import { explainMoment } from '../runs/explain-strategy.js';
import type { Notice } from '../runs/run-watch.js';
import type { CommandOutcome, Context, Flags } from './command.js';
import { journalToExplain } from './explained-journal.js';
import { usage } from './flags.js';
import { namesMarket } from './market-flags.js';
import { marketRunOf, runConfigWithParameters } from './run-request.js';
import { momentText } from './text/moment-text.js';

const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** One instant of a run over a recorded market, or of a bot's journal. */
export async function explainedMoment(context: Context, flags: Flags): Promise<CommandOutcome> {
  const at = instantOf(flags.text('at') ?? '');
  if (flags.gave('since')) throw usage('--since must be left away: --at names one instant.', 'Leave one of them away.');
  if (namesMarket(flags)) {
    const asked = { ...marketRunOf(context, flags), config: runConfigWithParameters(context, flags) };
    const { moment, result, unit, notices } = await explainMoment(context.host, asked, at);
    const source = `a backtest of ${result.bars} ${unit}, ${result.from} to ${result.to}`;
    return momentOutcome(moment, at, source, notices, context);
  }
  const journal = journalToExplain(context, flags, ['symbol']);
  const moment = momentOf(journal.query({ types: MOMENT_RECORDS }), at, symbolOf(flags));
  return momentOutcome(moment, at, `the journal ${journal.path}`, [], context);
}

/** Of several symbols nothing would be left out: one, or all. */
function symbolOf(flags: Flags): string | undefined {
  const named = flags.list('symbol');
  if (named.length <= 1) return named[0];
  throw usage(`--symbol must be given once with --at, was ${named.join(', ')}.`, 'Leave it away to see every symbol.');
}

/** In UTC where it does not say. */
function instantOf(text: string): number {
  const [, time = '', , , zone] = INSTANT.exec(text) ?? [];
  const at = INSTANT.test(text) ? Date.parse(time !== '' && zone === undefined ? `${text}Z` : text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw usage(
    `--at must be an instant in ISO-8601, was "${text}".`,
    'Write for example --at 2024-03-01T12:00Z or --at 2024-03-01T12:00:05.250Z.',
  );
}

/** Says what is known of it; one of which nothing is known is refused with the nearest that are. */
function momentOutcome(
  found: Moment | NoMoment,
  at: number,
  source: string,
  warnings: readonly Notice[],
  { out }: Context,
): CommandOutcome {
  if (!isMoment(found)) throw unknownInstant(found, at, source);
  return { kind: 'explain.moment', data: jsonOf(found, source), warnings, text: momentText(found, source, out) };
}

function unknownInstant({ before, after }: NoMoment, at: number, source: string): Error {
  const nearest = [before, after].flatMap((each) => (each === undefined ? [] : [new Date(each).toISOString()]));
  return usage(
    `--at must be an instant of which ${source} says something of a strategy, was ${new Date(at).toISOString()}.`,
    nearest.length === 0
      ? 'Nothing of a strategy stands there. Leave --at away for the whole.'
      : `The nearest: ${nearest.join(', ')}. Holds and refusals are written down once a minute of each kind.`,
  );
}

/** As the records say it, without their undefined fields. */
const jsonOf = ({ at, safety, symbols }: Moment, source: string): Json =>
  JSON.parse(
    JSON.stringify(
      { source, at: new Date(at).toISOString(), safety: safety ?? 'NORMAL', symbols },
      (key, value: unknown) =>
        (key === 'at' || key === 'instant') && typeof value === 'number' ? new Date(value).toISOString() : value,
    ),
  ) as Json;
