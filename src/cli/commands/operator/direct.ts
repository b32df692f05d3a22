import { messageOf } from '../../../domain/errors.js';
import { terminalText } from '../../../flow/plain-text.js';
import type { DirectHaltReport } from '../../../operator/direct/direct-halt.js';
import type { DirectFlattenReport, DirectFlattenRequest } from '../../../operator/direct/direct-flatten.js';
import type { FlattenPlan } from '../../../ports/core-services/operator-control.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { OperatorRequest } from '../../../ports/storage/operator-requests.js';
import { configOf, type CommandOutcome, type Context } from '../../command.js';
import { EXIT } from '../../exit-codes.js';
import { usage } from '../../flags.js';
import { leavingHalt, reach } from './reach.js';
import { isUnanswered, unanswered } from './unanswered.js';

/**
 * First the word that the bot obeys before its next order, on disk; then the venue is asked and told from here.
 * Whatever fails after that, the word stands; a disk that does not take it keeps nobody from ending orders.
 */
export async function haltDirect(context: Context, reason: string, withinMs: number): Promise<CommandOutcome> {
  const { host, flags, shell } = context;
  const { directory, where, leave } = await leavingHalt(context, reason);
  let left: OperatorRequest | null = null;
  let unwritten: string | null = null;
  try {
    left = leave();
  } catch (error) {
    unwritten = messageOf(error);
    shell.io.stderr.write(terminalText(`The bot cannot be told: ${unwritten}\n`));
  }
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
    text: directHaltText(report, where, unwritten),
    exit: report.done && unwritten === null ? EXIT.ok : EXIT.incomplete,
  };
}

/** Of a bot that answers nothing is taken off behind its back: it would do it itself, and know of it. */
export async function flattenDirect(
  context: Context,
  reason: string,
  asked: Omit<DirectFlattenRequest, 'leave'>,
): Promise<CommandOutcome> {
  const { host, flags } = context;
  const { reached } = await reach(context, 'status', '', 0);
  if (reached.bot === 'answered')
    throw usage('flatten --direct must be for a bot that does not answer; this one does.', 'Leave --direct away.');
  const { directory, where, leave } = await leavingHalt(context, reason);
  let result: FlattenPlan | DirectFlattenReport;
  try {
    result = await host.flattenBeside({ ...configOf(flags), fallbackProfile: 'demo' }, directory, {
      ...asked,
      leave: (orders) => void leave(orders),
    });
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    return unanswered(context, 'flatten.result', error, EXIT.incomplete);
  }
  const { directFlattenText, directPlanText } = await import('../../text/direct-text.js');
  const isPlan = (told: FlattenPlan | DirectFlattenReport): told is FlattenPlan => 'steps' in told;
  const data = { direct: true, ...result, directory } as unknown as Json;
  if (isPlan(result)) {
    const exit = result.steps.length === 0 ? EXIT.ok : EXIT.incomplete;
    return { kind: 'flatten.result', data, text: directPlanText(result, where), exit };
  }
  const exit = result.flat ? EXIT.ok : EXIT.incomplete;
  return { kind: 'flatten.result', data, text: directFlattenText(result, where), exit };
}
