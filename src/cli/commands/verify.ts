import { problemOf } from '../envelope.js';
import type { CommandSpec } from '../command.js';
import { EXIT } from '../exit-codes.js';

export const verify: CommandSpec = {
  name: 'verify',
  summary: 'Check the wiring: nothing missing, no cycle, no state twice, no live venue where it must not be.',
  example: 'verify --profile demo',
  kind: 'verify.report',
  flags: [],
  async run({ host, flags }) {
    const { chosenBot } = await import('../chosen-bot.js');
    const report = await host.verify(await chosenBot(host, flags));
    const lines = report.problems.map(
      (problem) =>
        `✗ ${problem.code}  ${problem.message}${problem.fix === undefined ? '' : `\n  Fix   ${problem.fix}`}`,
    );
    return {
      kind: 'verify.report',
      data: { services: report.services, problems: report.problems.map((problem) => problemOf(problem)) },
      text: report.ok ? `Sound: ${report.services} services, no problem.` : lines.join('\n'),
      exit: report.ok ? EXIT.ok : EXIT.checkFailed,
    };
  },
};
