import type { RecordRequest } from '../../runs/backtest-strategy.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { usage } from '../flags.js';
import { runFlags, runWords } from '../run-flags.js';
import { marketRunOf, runConfigWithParameters } from '../run-request.js';

export const backtest: CommandSpec = {
  name: 'backtest',
  summary: "Run the bot's own services over a recorded market.",
  example:
    'backtest --data bars.csv --funding funding.csv --symbol BTC-PERP --strategy baseline --param shortMa=10 --param longMa=50',
  kind: 'backtest.result',
  flags: [
    ...runFlags(),
    { flags: '--report <file>', text: 'write the HTML report of the run; one file that needs nothing else' },
    { flags: '--save <file>', text: 'save the run with all it recorded, for perpsbot report' },
    { flags: '--stress', text: 'for the report: run again with orders one step late, and with costs doubled' },
    { flags: '--check-look-ahead', text: 'for the report: run again over other futures, and compare the decisions' },
    {
      flags: '--step',
      text: 'journal every bar on disk, as live does, in a new --state directory (slower, same result)',
    },
  ],
  run,
};

async function run(context: Context, flags: Flags): Promise<CommandOutcome> {
  const asked = { ...marketRunOf(context, flags), config: runConfigWithParameters(context, flags) };
  const record = recordOf(context, flags);
  const { backtestStrategy } = await import('../../runs/backtest-strategy.js');
  const { watchedRun } = await import('../watched-run.js');
  const { backtestText } = await import('../text/backtest-text.js');
  const { answer } = await watchedRun(
    context.host,
    'backtest',
    (fills: number) => `${fills} fills`,
    (watch) =>
      backtestStrategy(
        context.host,
        {
          ...asked,
          mode: flags.has('step') ? 'step' : 'fast',
          ...(record === undefined ? {} : { record }),
        },
        watch,
      ),
  );
  const { result, files, notices, trips } = answer;
  const lines = Object.entries(files).map(([name, path]) => `\n  ${name === 'report' ? 'Report' : 'Saved '}  ${path}`);
  return {
    kind: 'backtest.result',
    data: { ...result, ...files },
    warnings: notices,
    text: backtestText(result, trips, context.out) + lines.join(''),
  };
}

/** Only a run that somebody wants to read is recorded, and only its record has room for what checks say. */
function recordOf(context: Context, flags: Flags): RecordRequest | undefined {
  const [report, save] = [flags.text('report'), flags.text('save')];
  if (report === undefined && save === undefined) {
    const idle = ['stress', 'checkLookAhead'].find((name) => flags.has(name));
    if (idle === undefined) return undefined;
    throw usage(
      `${idle === 'stress' ? '--stress' : '--check-look-ahead'} must come with --report or --save: its answer stands there.`,
      'Add --report report.html.',
    );
  }
  return {
    ...(report === undefined ? {} : { report }),
    ...(save === undefined ? {} : { save }),
    stress: flags.has('stress'),
    checkLookAhead: flags.has('checkLookAhead'),
    command: commandOf(context, flags),
  };
}

/** The command that gives this run again; where it writes to is left out. */
function commandOf({ flags: common }: Context, flags: Flags): string[] {
  const words = ['perpsbot', 'backtest'];
  const add = (flag: string, value: string | undefined): void => {
    if (value !== undefined) words.push(flag, value);
  };
  add('--config', common.config);
  add('--profile', common.profile);
  return [...words, ...runWords(flags)];
}
