import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';

export const report: CommandSpec = {
  name: 'report',
  summary: 'Make the HTML report of a saved run.',
  example: 'report --from result.json --out report.html',
  kind: 'report.result',
  flags: [
    { flags: '--from <file>', text: 'a run saved with backtest --save', required: true },
    { flags: '--out <file>', text: 'the page to write; one file that needs nothing else', required: true },
  ],
  run,
};

async function run({ host }: Context, flags: Flags): Promise<CommandOutcome> {
  const from = flags.required('from');
  const { reportSavedRun } = await import('../../runs/report-files.js');
  const { path, run: saved } = reportSavedRun(host, { from, out: flags.required('out') });
  return {
    kind: 'report.result',
    data: { report: path, from, traceHash: saved.result.traceHash },
    text: `Report  ${path}`,
  };
}
