import { configOf, type Context, type Flags } from './command.js';
import { usage } from './flags.js';
import type { CliHost } from './host.js';
import { givenOf, RUN_FLAGS, type RunFlag } from './run-flags.js';

/** The journal of a bot that is to be explained; of the flags of a run only `taken` mean something there. */
export function journalToExplain(
  { host, flags: common }: Context,
  flags: Flags,
  taken: readonly RunFlag[],
): NonNullable<ReturnType<CliHost['openJournal']>> {
  const idle = givenOf(
    RUN_FLAGS.filter((flag) => !taken.includes(flag)),
    flags,
  );
  if (idle !== undefined)
    throw usage(
      `${idle} must come with --data or --catalog, came without: a journal is explained as it is.`,
      `Name a recorded market with --data or --catalog, or leave ${idle} away.`,
    );
  const { config } = host.loadConfig({ ...configOf(common), fallbackProfile: 'demo' });
  const journal = host.openJournal(config.storage);
  if (journal !== undefined) return journal;
  throw usage(
    'explain must have something to explain: there is no journal here.',
    'Name bars with --data, or the directory of a bot with --state.',
  );
}
