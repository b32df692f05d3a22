import { Command, Option } from 'commander';
import type { CommandSpec, FlagSpec } from './command.js';
import { usage } from './flags.js';
import { GROUPS, COMMANDS } from './commands/index.js';

const NAME = 'perpsbot';
const SUMMARY = 'Trades perpetual futures: one strategy in three worlds, history, paper and live.';

/** In the place of the flags of a command that is only listed. */
const SOME = new Option('--help-of-its-own');

export interface ProgramHooks {
  readonly version: string;
  /** The words that will be parsed: a command that none of them names needs no flags. */
  readonly words: readonly string[];
  readonly out: (text: string) => void;
  /** A command was understood; its action comes next. */
  readonly onRun: (spec: CommandSpec, values: Readonly<Record<string, unknown>>) => Promise<void>;
}

/**
 * The command tree. Abbreviated commands and flags are refused: a script must not change its meaning with a new flag.
 */
export function buildProgram(hooks: ProgramHooks): Command {
  const program = shaped(new Command(NAME), hooks)
    .description(SUMMARY)
    .version(hooks.version, '-V, --version', 'print the version')
    .helpCommand(false)
    .enablePositionalOptions();
  addCommonFlags(program, true);
  program.addHelpText('before', `Example:\n  $ ${NAME} start --for 30s\n`);
  const groups = new Map<string, Command>();
  for (const spec of COMMANDS) {
    const [first = '', second] = spec.name.split(' ');
    const parent = second === undefined ? program : groupOf(groups, first, program, hooks);
    addCommand(parent, second ?? first, spec, hooks);
  }
  return program;
}

/** Commands of a group. */
export const membersOf = (group: string): readonly CommandSpec[] =>
  COMMANDS.filter((spec) => spec.name.startsWith(`${group} `));

function groupOf(groups: Map<string, Command>, name: string, program: Command, hooks: ProgramHooks): Command {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const members = membersOf(name);
  const group = shaped(program.command(name), hooks)
    .description(GROUPS[name] ?? '')
    .helpCommand(false);
  addCommonFlags(group, true);
  group.addHelpText('before', `Example:\n  $ ${NAME} ${members[0]?.example ?? name}\n`);
  groups.set(name, group);
  return group;
}

function addCommand(parent: Command, name: string, spec: CommandSpec, hooks: ProgramHooks): void {
  const command = shaped(parent.command(name), hooks).description(spec.summary);
  // A list of commands shows of one that it has options, and no more.
  if (!hooks.words.includes(name)) command.addOption(SOME);
  else {
    for (const flag of spec.flags) command.addOption(optionOf(spec.name, flag));
    addCommonFlags(command, false);
  }
  command.addHelpText('before', `Example:\n  $ ${NAME} ${spec.example}\n`);
  const { argument } = spec;
  if (argument !== undefined)
    command.argument(argument.optional === true ? `[${argument.name}]` : `<${argument.name}>`, argument.text);
  command.action(async () =>
    hooks.onRun(spec, {
      ...command.optsWithGlobals(),
      ...(argument === undefined ? {} : { [argument.name]: command.args[0] }),
    }),
  );
}

function shaped(command: Command, hooks: ProgramHooks): Command {
  return command
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ writeOut: hooks.out, writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false });
}

function optionOf(command: string, { flags, text, required, repeated, idle }: FlagSpec): Option {
  const option = new Option(flags, text);
  const spelled = flags.split(' ', 1)[0] ?? flags;
  if (idle !== undefined)
    return option.hideHelp().argParser(() => {
      throw usage(`${spelled} must be left away: it has no meaning in ${command}.`, idle);
    });
  if (required === true) option.makeOptionMandatory(true);
  if (repeated === true)
    return option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  // The first of two would be given and never heard.
  if (flags.includes('<'))
    option.argParser((value: string, before: string | undefined) => {
      if (before !== undefined) throw usage(`${spelled} must be given once, was given twice.`, 'Remove one of them.');
      return value;
    });
  return option;
}

/** On every command, and before the command too. */
function addCommonFlags(command: Command, hidden: boolean): void {
  const flags = [
    new Option('--config <file>', 'configuration file (YAML)'),
    new Option('--profile <name>', 'dev, demo, spot, canary or prod'),
    new Option('--state <dir>', 'directory of journal and status files'),
    new Option('--json', 'one JSON envelope on standard output'),
    new Option('--no-color', 'no colours'),
    new Option('--debug', 'stack traces with errors'),
  ];
  for (const flag of flags) command.addOption(hidden ? flag.hideHelp() : flag);
}
