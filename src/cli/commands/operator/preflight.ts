import type { Json } from '../../../ports/storage/event-store.js';
import { configOf, type CommandSpec } from '../../command.js';
import { EXIT } from '../../exit-codes.js';

const SIGN = { ok: '✓', unknown: '?', fail: '✗' } as const;

export const preflight: CommandSpec = {
  name: 'preflight',
  summary: 'Check what a live start takes for granted, with the key: account, permissions, clock, stream, every limit.',
  example: 'preflight --config live.yaml --state ./var/live',
  kind: 'preflight.report',
  flags: [],
  async run({ host, flags }) {
    const report = await host.preflightBeside({ ...configOf(flags), fallbackProfile: 'demo' });
    const { table } = await import('../../text/table.js');
    const { checks, limits, untried, passed } = report;
    return {
      kind: 'preflight.report',
      data: report as unknown as Json,
      text: [
        table(
          ['', 'check', 'found'],
          checks.map(({ name, state, message }) => [SIGN[state], name, message]),
        ),
        ...limits.map(
          ({ limit, check, refused }) => `  Limit ${refused ? 'holds' : 'FAILS'}: ${limit}, ${check ?? 'not refused'}`,
        ),
        ...untried.map(({ limit, why }) => `  Limit not tried: ${limit}, ${why}`),
        ...checks.flatMap(({ name, state, fix }) =>
          state === 'fail' && fix !== undefined ? [`  Fix   ${name}: ${fix}`] : [],
        ),
        passed ? 'PASSED, for 24 hours with this configuration, key and host' : 'NOT PASSED',
      ].join('\n'),
      exit: passed ? EXIT.ok : EXIT.checkFailed,
    };
  },
};
