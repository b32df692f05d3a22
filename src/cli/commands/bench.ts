import type { CommandSpec } from '../command.js';
import { stopOnSignal } from '../stop-on-signal.js';
import { EXIT } from '../exit-codes.js';

export const bench: CommandSpec = {
  name: 'bench',
  summary: 'Measure the hot paths against their goals, as ratios that survive a busy machine.',
  example: 'bench --only backtest',
  kind: 'bench.result',
  flags: [{ flags: '--only <name>', text: 'benchmarks whose name contains this' }],
  async run({ host }, flags) {
    const only = flags.text('only');
    const abort = new AbortController();
    const { table } = await import('../table.js');
    const signals = stopOnSignal(host, () => abort.abort());
    try {
      const report = await host.bench({
        ...(only === undefined ? {} : { only }),
        signal: abort.signal,
        onProgress: (done, total, name) => host.io.stderr.write(`bench ${done}/${total} ${name}\n`),
      });
      return {
        kind: 'bench.result',
        data: { rows: report.rows.map(({ name, value, goal, ok }) => ({ name, value, goal, ok })) },
        text: table(['benchmark', 'measured', 'goal', ''], report.rows.map((row) => [row.name, row.value, row.goal, row.ok ? 'ok' : 'missed']), [1, 2]),
        exit: report.ok ? EXIT.ok : EXIT.checkFailed,
      };
    } finally {
      signals.close();
    }
  },
};
