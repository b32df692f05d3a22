import { fault } from '../../domain/errors.js';
import type { CommandSpec, Context, Flags, Outcome } from '../command.js';

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

async function run({ host }: Context, flags: Flags): Promise<Outcome> {
  const from = flags.required('from');
  const bytes = host.readFile(from);
  if (bytes === undefined)
    throw fault('DATA-002', `--from must name a file that exists, was ${from}.`, {
      where: from,
      fix: 'Save a run with: perpsbot backtest ... --save result.json',
    });
  const { parseRun } = await import('../../report/run-record.js');
  const { writeReport } = await import('../../runs/report-files.js');
  const saved = parseRun(new TextDecoder().decode(bytes), from);
  const path = writeReport(host, flags.required('out'), saved);
  return {
    kind: 'report.result',
    data: { report: path, from, traceHash: saved.result.traceHash },
    text: `Report  ${path}`,
  };
}
