import { terminalText } from '../../flow/plain-text.js';
import { PerpsBotError } from '../../domain/errors.js';
import type { SafetyState } from '../../domain/safety.js';
import type { CommandMessage } from '../../operator/control/messages.js';
import type {
  BotStatus,
  FlattenPlan,
  FlattenReport,
  TightenReport,
  WithdrawalReport,
} from '../../ports/core-services/operator-control.js';
import type { Json } from '../../ports/storage/event-store.js';
import type { CommandOutcome, CommandSpec, Context, Flags } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { countFlag, durationFlag, usage } from '../flags.js';
import { reach, type ToldByBot } from './operator/reach.js';

const WAIT = '30s';
const REASON = { flags: '--reason <text>', text: 'why; it stands in the journal' };
const DIRECT = {
  flags: '--direct',
  text: 'by a venue client of this command, when the bot does not answer (live world)',
};
const WITHIN = { flags: '--wait <duration>', text: `how long to wait for the venue's confirmation; default ${WAIT}` };

const status: CommandSpec = {
  name: 'status',
  summary: 'Say what a bot holds and in which safety state it is, whether it runs or not.',
  example: 'status --state ./var/data/perps_bot/demo',
  kind: 'status',
  flags: [],
  async run(context) {
    const { reached, where } = await reach(context, 'status', '', 0);
    const { statusText, absentText, silentText } = await import('../text/control-text.js');
    if (reached.bot === 'answered') {
      const found = reached.result as unknown as BotStatus;
      return {
        kind: 'status',
        data: { running: true, ...found } as unknown as Json,
        text: statusText(found, where, reached.pid),
        exit: exitOf(found),
      };
    }
    const data = { running: reached.bot === 'silent', ...reached } as unknown as Json;
    if (reached.bot === 'silent')
      return { kind: 'status', data, text: silentText(reached, 'status', where), exit: EXIT.incomplete };
    return { kind: 'status', data, text: absentText(reached, 'status', where), exit: absentExit(reached) };
  },
};

const halt = tightening(
  'halt',
  'Send nothing more but protection, and withdraw what rests. Positions and stops stay; own exits are not sent either.',
);
const reduceOnly = tightening(
  'reduce-only',
  'Let a bot only reduce what it holds, and withdraw what could increase it.',
);

const resume: CommandSpec = {
  name: 'resume',
  summary: 'Let a bot go on, once it and its venue agree about orders and positions.',
  example: 'resume --state ./var/data/perps_bot/demo --reason "checked at the venue"',
  kind: 'control.result',
  flags: [REASON],
  async run(context, flags) {
    const reason = flags.text('reason') ?? '';
    if (reason.trim() === '')
      throw usage('resume must be given a reason, was given none.', 'Write why it is safe to go on: --reason "…".');
    const { reached, where } = await reach(context, 'resume', reason, 60_000);
    const { resumedText, statusText, absentText, silentText } = await import('../text/control-text.js');
    if (reached.bot === 'answered') {
      const found = reached.result as unknown as BotStatus;
      return result(reached.result, `${resumedText(found)}\n${statusText(found, where, reached.pid)}`, EXIT.ok);
    }
    if (reached.bot === 'silent')
      return result(reached as unknown as Json, silentText(reached, 'resume', where), EXIT.incomplete);
    return result(
      reached as unknown as Json,
      absentText(reached, 'resume', where),
      reached.taken === 'not sent' ? EXIT.ok : EXIT.incomplete,
    );
  },
};

const resumeStrategy: CommandSpec = {
  name: 'strategy resume',
  summary: 'Let a suspended strategy go on; the safety state stays as it is.',
  example: 'strategy resume ema-cross@BTC-PERP --state ./var/data/perps_bot/demo --reason "mended"',
  kind: 'control.result',
  argument: { name: 'id', text: 'the strategy, as perpsbot status names it' },
  flags: [REASON],
  async run(context, flags) {
    const id = flags.required('id');
    const reason = flags.text('reason') ?? '';
    if (reason.trim() === '')
      throw usage(
        'strategy resume must be given a reason, was given none.',
        'Write why the strategy may go on: --reason "…".',
      );
    const { reached, where } = await reach(context, 'strategy resume', reason, 10_000, undefined, { strategy: id });
    const { statusText, absentText, silentText } = await import('../text/control-text.js');
    if (reached.bot === 'answered')
      return result(reached.result, `Resumed.\n${statusText(reached.result as unknown as BotStatus, where)}`, EXIT.ok);
    const data = reached as unknown as Json;
    if (reached.bot === 'silent') return result(data, silentText(reached, 'strategy resume', where), EXIT.incomplete);
    const isLeft = reached.taken === 'not sent';
    return result(data, absentText(reached, 'strategy resume', where), isLeft ? EXIT.ok : EXIT.incomplete);
  },
};

const flatten: CommandSpec = {
  name: 'flatten',
  summary: 'Take every position off: shows the plan, and carries it out when it is named.',
  example: 'flatten --state ./var/data/perps_bot/demo --yes-plan 3f2a90c1d4e5 --reason "leaving"',
  kind: 'flatten.result',
  flags: [
    REASON,
    { flags: '--yes-plan <hash>', text: 'carry out the plan of this name; without it the plan is shown' },
    { flags: '--max-slippage <bps>', text: 'worst price, in basis points of the mark; default 100, or the collar' },
    DIRECT,
    { flags: '--deadline <duration>', text: 'how long to try; default 60s' },
  ],
  async run(context, flags) {
    const plan = flags.text('yesPlan');
    const slippage = flags.text('maxSlippage');
    const deadlineMs = durationFlag('--deadline', flags.text('deadline') ?? '60s');
    const limits = {
      deadlineMs,
      ...(slippage === undefined ? {} : { maxSlippageBps: countFlag('--max-slippage', slippage, 1) }),
    };
    const options = plan === undefined ? limits : { ...limits, plan };
    if (flags.has('direct')) {
      const { flattenDirect } = await import('./operator/direct.js');
      return flattenDirect(context, flags.text('reason') ?? '', { ...limits, ...(plan === undefined ? {} : { plan }) });
    }
    const { absentText, flattenText, planText, remainingText, silentText } = await import('../text/control-text.js');
    const told = (report: Json): void =>
      void context.shell.io.stderr.write(terminalText(`${remainingText(report as unknown as FlattenReport)}\n`));
    const ask = (more: NonNullable<CommandMessage['options']>): ReturnType<typeof reach> =>
      reach(context, 'flatten', flags.text('reason') ?? '', deadlineMs + 30_000, told, { options: more });
    const { reached, where } = await ask(options).catch(async (error: unknown) => {
      if (plan === undefined || !(error instanceof PerpsBotError) || error.code !== 'RISK-005') throw error;
      const shown = await ask(limits);
      if (shown.reached.bot === 'answered')
        context.shell.io.stderr.write(
          terminalText(`${planText(shown.reached.result as unknown as FlattenPlan, shown.where)}\n`),
        );
      throw error;
    });
    if (reached.bot !== 'answered') {
      const text =
        reached.bot === 'silent' ? silentText(reached, 'flatten', where) : absentText(reached, 'flatten', where);
      return { kind: 'flatten.result', data: reached as unknown as Json, text, exit: EXIT.incomplete };
    }
    const data = reached.result;
    if (plan === undefined) {
      const shown = data as unknown as FlattenPlan;
      const exit = shown.steps.length === 0 ? EXIT.ok : EXIT.incomplete;
      return { kind: 'flatten.result', data, text: planText(shown, where), exit };
    }
    const report = data as unknown as FlattenReport;
    return {
      kind: 'flatten.result',
      data,
      text: flattenText(report, where, flags.text('reason')),
      exit: report.flat ? EXIT.ok : EXIT.incomplete,
    };
  },
};

export const control: readonly CommandSpec[] = [status, halt, reduceOnly, resume, resumeStrategy, flatten];

function tightening(command: 'halt' | 'reduce-only', summary: string): CommandSpec {
  return {
    name: command,
    summary,
    example: `${command} --state ./var/data/perps_bot/demo --reason "it looks wrong"`,
    kind: 'control.result',
    flags: command === 'halt' ? [REASON, WITHIN, DIRECT] : [REASON, WITHIN],
    run: async (context, flags) =>
      flags.has('direct')
        ? (await import('./operator/direct.js')).haltDirect(context, flags.text('reason') ?? '', withinOf(flags))
        : tighten(context, flags, command),
  };
}

const withinOf = (flags: Flags): number => durationFlag('--wait', flags.text('wait') ?? WAIT);

async function tighten(context: Context, flags: Flags, command: 'halt' | 'reduce-only'): Promise<CommandOutcome> {
  const withinMs = withinOf(flags);
  const { notConfirmed, tightenText, absentText, silentText } = await import('../text/control-text.js');
  const { reached, where } = await reach(context, command, flags.text('reason') ?? '', withinMs, (report) => {
    const { done, mayBeLive } = report as unknown as WithdrawalReport;
    if (!done && mayBeLive.length > 0) context.shell.io.stderr.write(terminalText(`${notConfirmed(mayBeLive)}\n`));
  });
  if (reached.bot === 'answered') {
    const report = reached.result as unknown as TightenReport;
    return result(reached.result, tightenText(report, where), report.withdrawal.done ? EXIT.ok : EXIT.incomplete);
  }
  const { known } = reached;
  const mayBeLive = reached.taken !== 'not sent' || known === null || known.orders.length + known.positions.length > 0;
  if (reached.bot === 'silent')
    return result(reached as unknown as Json, silentText(reached, command, where), EXIT.incomplete);
  return result(reached as unknown as Json, absentText(reached, command, where), mayBeLive ? EXIT.incomplete : EXIT.ok);
}

const result = (data: Json, text: string, exit: number): CommandOutcome => ({
  kind: 'control.result',
  data,
  text,
  exit,
});

/**
 * As the bot would answer when it had been started: what waits for it counts. A journal that cannot be read tells
 * neither a state nor what is open; and what is held without a stop at the venue nobody looks after meanwhile.
 */
function absentExit({ known, next }: Extract<ToldByBot, { bot: 'absent' }>): number {
  if (known === null) return EXIT.incomplete;
  if (isStill(next.state as SafetyState)) return EXIT.halted;
  return known.positions.some(({ size, stopSize }) => size !== stopSize) ? EXIT.incomplete : EXIT.ok;
}

const isStill = (state: SafetyState | undefined): boolean =>
  state === 'HALTED' || state === 'FLATTENING' || state === 'LOCKED';

function exitOf({ state, positionsKnown }: BotStatus): number {
  if (!positionsKnown) return EXIT.mismatch;
  return isStill(state) ? EXIT.halted : EXIT.ok;
}
