import { CommanderError } from 'commander';
import { Flags, type CommandOutcome } from './command.js';
import { failure, success } from './envelope.js';
import { describeError, exitCodeOf, warningLines } from './errors.js';
import { terminalText } from '../flow/plain-text.js';
import { EXIT } from './exit-codes.js';
import { usage } from './flags.js';
import type { CliHost, CliShell, FilesHost } from './host.js';
import { located } from './located.js';
import { paletteFor, type Palette } from './text/palette.js';
import { buildProgram, membersOf } from './program.js';
import { COMMANDS, GROUPS } from './commands/index.js';

const SHOWN_AND_DONE = ['commander.helpDisplayed', 'commander.version'];

/**
 * Runs one command line (without the runtime and the script) and resolves with its exit code. Results go to standard
 * output, everything else to standard error; with `--json` the output is exactly one envelope, errors included. The
 * host is opened only for a command that is carried out, help does not wait for it; and for one over files only its
 * part that knows files.
 */
export async function runCli(
  argv: readonly string[],
  shell: CliShell,
  open: () => Promise<CliHost>,
  openFiles: () => Promise<FilesHost> = open,
): Promise<number> {
  const json = flagged(argv, '--json');
  const colour = !flagged(argv, '--no-color');
  const err = paletteFor(shell.io.stderr, shell.io.env, colour);
  let kind = 'usage';
  let exit: number = EXIT.ok;
  let origins: ReturnType<CliHost['loadConfig']>['origins'] | undefined;
  const watched = (host: CliHost): CliHost => {
    const loadConfig: CliHost['loadConfig'] = (request) => {
      const resolved = host.loadConfig(request);
      ({ origins } = resolved);
      return resolved;
    };
    return new Proxy(host, {
      get: (target, name): unknown => (name === 'loadConfig' ? loadConfig : Reflect.get(target, name)),
    });
  };
  const program = buildProgram({
    version: shell.build.version,
    words: argv,
    out: (text) => shell.io.stdout.write(terminalText(text)),
    onRun: async (spec, values) => {
      ({ kind } = spec);
      const out = paletteFor(shell.io.stdout, shell.io.env, colour);
      const context = { shell, flags: values, out, err };
      const flags = new Flags(values);
      const wholeHost = async (): Promise<CliHost> => watched(await open());
      const outcome =
        spec.needs === 'shell'
          ? await spec.run(context, flags)
          : spec.needs === 'files'
            ? await spec.run({ ...context, host: await openFiles(), wholeHost }, flags)
            : await spec.run({ ...context, host: await wholeHost() }, flags);
      exit = show(outcome, json, shell, err);
    },
  });
  try {
    // Who types the name alone wants to know what there is.
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return exit;
  } catch (thrown) {
    if (thrown instanceof CommanderError && SHOWN_AND_DONE.includes(thrown.code)) return EXIT.ok;
    const error = thrown instanceof CommanderError ? misuse(thrown, argv) : located(thrown, origins);
    if (json)
      shell.io.stdout.write(
        terminalText(`${JSON.stringify(failure(kind, error, { build: buildOf(shell), at: shell.clock.wall() }))}\n`),
      );
    else shell.io.stderr.write(terminalText(describeError(error, err, flagged(argv, '--debug'))));
    return exitCodeOf(error);
  }
}

function show(outcome: CommandOutcome, json: boolean, host: CliShell, err: Palette): number {
  const exit = outcome.exit ?? EXIT.ok;
  const warnings = outcome.warnings ?? [];
  if (json) {
    host.io.stdout.write(
      terminalText(
        `${JSON.stringify(success(outcome.kind, outcome.data, warnings, exit === EXIT.ok, { build: buildOf(host), at: host.clock.wall() }))}\n`,
      ),
    );
    return exit;
  }
  host.io.stderr.write(terminalText(warningLines(warnings, err)));
  if (outcome.text !== '') host.io.stdout.write(terminalText(`${outcome.text}\n`));
  return exit;
}

const noCommand = (): Error =>
  usage('A command must be named.', 'Try perpsbot start, or perpsbot --help for all commands.');

/** What commander says, as an error of the table: the fact, and the nearest right spelling as its remedy. */
function misuse(error: CommanderError, argv: readonly string[]): Error {
  const group = argv.find((word) => Object.hasOwn(GROUPS, word));
  if (error.code === 'commander.help' && group !== undefined) {
    return usage(
      `${group} must be followed by one of its commands.`,
      `Write one of: ${membersOf(group)
        .map((spec) => `perpsbot ${spec.name}`)
        .join(', ')}.`,
    );
  }
  if (error.code === 'commander.help') return noCommand();
  const [fact = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const guess = /\(Did you mean (?:one of )?(.+)\?\)/.exec(rest.join(' '))?.[1];
  const message = fact.charAt(0).toUpperCase() + fact.slice(1);
  const takesReason = COMMANDS.find(
    ({ name, flags }) => argv.includes(name) && flags.some((flag) => flag.flags.startsWith('--reason ')),
  );
  if (error.code === 'commander.excessArguments' && takesReason !== undefined)
    return usage(
      message.endsWith('.') ? message : `${message}.`,
      `Words that say why stand behind --reason, in quotes: perpsbot ${takesReason.name} --reason "it looks wrong".`,
    );
  return usage(
    message.endsWith('.') ? message : `${message}.`,
    guess === undefined
      ? 'See perpsbot --help, or --help after a command.'
      : `Did you mean ${guess}? Names are not abbreviated.`,
  );
}

const buildOf = (host: CliShell): string =>
  host.build.commit === undefined ? host.build.version : `${host.build.version}+${host.build.commit}`;

/** A flag before the arguments are understood: errors must already be shown the asked way. */
function flagged(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes(flag);
}
