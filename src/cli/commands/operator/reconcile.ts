import { terminalText } from '../../../flow/plain-text.js';
import type { ReconcileReport } from '../../../ports/core-services/account-review.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { configOf, type CommandSpec, type Context, type CommandOutcome } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { usage } from '../../flags.js';
import { reach, type ToldByBot } from './reach.js';
import { isUnanswered, unanswered } from './unanswered.js';

type Unheard = Exclude<ToldByBot, { readonly bot: 'answered' }>;

/** A bot compares again and again while its orders are on their way. */
const WITHIN_MS = 120_000;

export const reconcile: CommandSpec = {
  name: 'reconcile',
  summary: 'Say in what a bot and its venue differ: orders, fills, positions, balances, terms.',
  example: 'reconcile --state ./var/data/perps_bot/prod',
  kind: 'reconcile.result',
  flags: [
    { flags: '--adopt <id>', text: "take this foreign order for the bot's own; needs --reason" },
    { flags: '--reason <text>', text: 'why; it stands in the journal' },
  ],
  async run(context, flags) {
    const adopt = flags.text('adopt');
    const reason = flags.text('reason') ?? '';
    if (adopt !== undefined && reason.trim() === '')
      throw usage(
        'reconcile --adopt must be given a reason, was given none.',
        'Write whose order it is: --reason "…".',
      );
    const more = adopt === undefined ? {} : { adopt };
    const { reached, directory, where } = await reach(context, 'reconcile', reason, WITHIN_MS, undefined, more);
    if (reached.bot === 'answered') return outcome(reached.result as unknown as ReconcileReport, where, true);
    if (adopt === undefined) return beside(context, reached, directory, where);
    const { absentText, silentText } = await import('../../text/control-text.js');
    const text =
      reached.bot === 'silent' ? silentText(reached, 'reconcile', where) : absentText(reached, 'reconcile', where);
    return { kind: 'reconcile.result', data: reached as unknown as Json, text, exit: EXIT.incomplete };
  },
};

/** The venue is asked by this process, and what the journal knows is compared. Nothing is written, nothing is sent. */
async function beside(context: Context, reached: Unheard, directory: string, where: string): Promise<CommandOutcome> {
  const { host, flags } = context;
  const say = (text: string): void => void host.io.stderr.write(terminalText(`${text}\n`));
  const bot = reached.bot === 'silent' ? `The bot does not answer (${reached.holder})` : 'No bot runs';
  say(`${bot}: the venue is asked from here, beside its journal.`);
  try {
    return await outcome(
      await host.compareBeside({ ...configOf(flags), fallbackProfile: 'demo' }, directory, say),
      where,
      false,
    );
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unanswered(context, 'reconcile.result', error, EXIT.mismatch);
  }
}

async function outcome(report: ReconcileReport, where: string, running: boolean): Promise<CommandOutcome> {
  const { reconcileText } = await import('../../text/reconcile-text.js');
  return {
    kind: 'reconcile.result',
    data: { running, ...report } as unknown as Json,
    text: reconcileText(report, where, running),
    exit: report.agreed ? EXIT.ok : EXIT.mismatch,
  };
}
