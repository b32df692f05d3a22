import { messageOf } from '../../../domain/errors.js';
import { terminalText } from '../../../flow/plain-text.js';
import type { DirectHaltReport } from '../../../operator/direct/direct-halt.js';
import type { Json } from '../../../ports/storage/event-store.js';
import { configOf, type CommandOutcome, type Context } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { leaveHalt } from './reach.js';

/**
 * First the word that the bot obeys before its next order, on disk; then the venue is asked and told from here.
 * Whatever fails after that, the word stands.
 */
export async function haltDirect(context: Context, reason: string, withinMs: number): Promise<CommandOutcome> {
  const { host, flags, shell } = context;
  const { directory, where, left } = await leaveHalt(context, reason);
  const { directHaltText } = await import('../../text/direct-text.js');
  let report: DirectHaltReport;
  try {
    report = await host.haltBeside({ ...configOf(flags), fallbackProfile: 'demo' }, directory, withinMs, (told) => {
      if (told.mayBeLive.length > 0)
        shell.io.stderr.write(terminalText(`NOT CONFIRMED yet: ${told.mayBeLive.join(', ')} ${told.problem ?? ''}\n`));
    });
  } catch (error) {
    const nothing = { cancelled: [], mayBeLive: [], kept: [], foreign: [] };
    report = { done: false, ...nothing, problem: messageOf(error) };
  }
  return {
    kind: 'control.result',
    data: { direct: true, left: left as unknown as Json, ...report, directory } as unknown as Json,
    text: directHaltText(report, where),
    exit: report.done ? EXIT.ok : EXIT.incomplete,
  };
}
