import { terminalText } from '../../flow/plain-text.js';
import type { CommandSpec, Context, Flags, CommandOutcome } from '../command.js';
import { countFlag, durationFlag } from '../flags.js';
import { stopOnSignal } from '../stop-on-signal.js';
import { QUEUE_SECRET } from '../sweep-flags.js';

const DEFAULT_LEASE = '30s';

export const worker: CommandSpec = {
  name: 'worker',
  summary: 'Do the jobs of sweeps from a queue, until stopped.',
  example: 'worker --queue redis://127.0.0.1:6379 --data ./market-data',
  kind: 'worker.result',
  flags: [
    { flags: '--queue <url>', text: 'Redis URL of the queue', required: true },
    {
      flags: '--data <dir>',
      text: 'directory with the recorded markets; files are found by their content',
      required: true,
    },
    { flags: '--strategy <file>', text: 'a strategy that jobs may run; may be repeated', repeated: true },
    { flags: '--jobs <n>', text: 'jobs at once; default: one a processor' },
    {
      flags: '--lease <duration>',
      text: 'silence after which a worker counts as gone and its jobs are given away; default: 30s',
    },
  ],
  run,
};

async function run({ host }: Context, flags: Flags): Promise<CommandOutcome> {
  const jobs = flags.text('jobs');
  let done = 0;
  let handedBack = 0;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const signals = stopOnSignal(host, () => stop());
  try {
    const served = await host.sweeps.serve({
      queue: flags.required('queue'),
      data: flags.required('data'),
      strategies: flags.list('strategy'),
      secret: host.io.env[QUEUE_SECRET],
      jobs: jobs === undefined ? host.sweeps.cores : countFlag('--jobs', jobs, 1),
      leaseMs: durationFlag('--lease', flags.text('lease') ?? DEFAULT_LEASE),
      onJob: (id, error) => {
        if (error === undefined) done += 1;
        else {
          handedBack += 1;
          host.io.stderr.write(terminalText(`Job ${id.slice(0, 12)} was handed back: ${error}\n`));
        }
      },
    });
    host.io.stderr.write('Serving the queue; a signal ends it after the jobs under way.\n');
    await stopped;
    await served.close();
  } finally {
    signals.close();
  }
  return { kind: 'worker.result', data: { done, handedBack }, text: `${done} jobs done, ${handedBack} handed back` };
}
