import type { Json } from '../../ports/storage/event-store.js';
import type { Explanation } from '../../backtest/explain/explanation.js';
import { type CommandSpec, type Context, type Flags, type CommandOutcome } from '../command.js';
import { durationFlag, usage } from '../flags.js';
import { namesMarket } from '../market-flags.js';
import { journalToExplain } from '../explained-journal.js';
import { runFlags } from '../run-flags.js';
import { marketRunOf, runConfigWithParameters } from '../run-request.js';

export const explain: CommandSpec = {
  name: 'explain',
  summary: 'Say why a run, or the bot of a state directory, traded as little as it did.',
  example: 'explain --data bars.csv --strategy baseline',
  kind: 'explain.result',
  flags: [
    ...runFlags(),
    { flags: '--since <time>', text: 'journal: from this instant (ISO-8601) or this long ago (6h)' },
    { flags: '--at <time>', text: 'this one instant (ISO-8601): what was shown, asked, refused, and what came of it' },
  ],
  run: async (context, flags) => {
    if (flags.gave('at')) return (await import('../explained-moment.js')).explainedMoment(context, flags);
    return namesMarket(flags) ? ofRun(context, flags) : ofJournal(context, flags);
  },
};

async function ofRun(context: Context, flags: Flags): Promise<CommandOutcome> {
  if (flags.gave('since'))
    throw usage(
      '--since must be left away: a run over a recorded market is explained as a whole.',
      'Leave --data and --catalog away to explain a journal, or cut the catalog with --from.',
    );
  const asked = { ...marketRunOf(context, flags), config: runConfigWithParameters(context, flags) };
  const { explainStrategy } = await import('../../runs/explain-strategy.js');
  const { explanation, result, unit, notices } = await explainStrategy(context.host, asked);
  const { bars, from, to } = result;
  return outcomeOf(explanation, `a backtest of ${bars} ${unit}, ${from} to ${to}`, notices, context);
}

async function ofJournal(context: Context, flags: Flags): Promise<CommandOutcome> {
  const { host } = context;
  const journal = journalToExplain(context, flags, []);
  const { EXPLAINING_RECORDS, explainJournal } = await import('../../backtest/explain/journal-explanation.js');
  const since = sinceOf(flags.text('since'), host.clock.wall());
  const events = journal.query({ types: [...EXPLAINING_RECORDS] }).filter(({ at }) => at >= since);
  return outcomeOf(explainJournal(events), `the journal ${journal.path}`, [], context);
}

async function outcomeOf(
  explanation: Explanation,
  source: string,
  warnings: NonNullable<CommandOutcome['warnings']>,
  { out }: Context,
): Promise<CommandOutcome> {
  const { explanationText } = await import('../text/explanation-text.js');
  return {
    kind: 'explain.result',
    data: jsonOf(explanation, source),
    warnings,
    text: explanationText(explanation, source, out),
  };
}

function jsonOf({ headline, fills, trades, steps, entries, causes }: Explanation, source: string): Json {
  return {
    source,
    headline,
    fills,
    trades: trades ?? null,
    steps: steps ?? null,
    entries,
    causes: causes.map(({ kind, name, times, heldMs, first }) => ({
      kind,
      name,
      times,
      heldMs: heldMs ?? null,
      first:
        first === undefined
          ? null
          : { at: new Date(first.at).toISOString(), symbol: first.symbol, detail: first.detail ?? null },
    })),
  };
}

function sinceOf(text: string | undefined, now: number): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const at = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? now - durationFlag('--since', text) : at;
}
