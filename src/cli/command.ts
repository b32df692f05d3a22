import type { Json } from '../ports/storage/event-store.js';
import type { ConfigRequest } from '../runs/config-request.js';
import type { Notice } from '../runs/run-watch.js';
import type { CliHost, CliShell, FilesHost } from './host.js';
import type { Palette } from './text/palette.js';

/** What a command has to say: one envelope for machines, text for people. */
export interface CommandOutcome {
  /** `backtest.result`, `config.check`, … */
  readonly kind: string;
  readonly data: Json;
  readonly warnings?: readonly Notice[];
  /** Standard output without `--json`. */
  readonly text: string;
  /** Default 0. A check that failed has a result and an exit code, and no error. */
  readonly exit?: number;
}

/** Flags every command has. */
export interface CommonFlags {
  readonly config?: string;
  readonly profile?: string;
  readonly state?: string;
  readonly json?: boolean;
  readonly color?: boolean;
  readonly debug?: boolean;
}

/** What every command's action gets beside its own flags. */
interface ShellContext {
  readonly shell: CliShell;
  readonly flags: CommonFlags;
  /** Colours for standard output, and for standard error: each its own terminal or none. */
  readonly out: Palette;
  readonly err: Palette;
}

export interface Context extends ShellContext {
  readonly host: CliHost;
}

export interface FilesContext extends ShellContext {
  readonly host: FilesHost;
  /** Loads everything else there is. */
  wholeHost(): Promise<CliHost>;
}

/** One flag as `--help` shows it. */
export interface FlagSpec {
  /** `--data <file>`, `--step`. */
  readonly flags: string;
  readonly text: string;
  readonly required?: boolean;
  /** May be given several times; the values come as a list. */
  readonly repeated?: boolean;
  /** Where the flag has no meaning in this command: what to do instead. It is not shown, and refused by name. */
  readonly idle?: string;
}

/** What help says of a command. */
interface CommandFacts {
  /** `config check` is the command `check` of the group `config`. */
  readonly name: string;
  readonly summary: string;
  /** Without the program's name; stands before everything else in help. */
  readonly example: string;
  readonly kind: string;
  readonly flags: readonly FlagSpec[];
  /** The one word that follows the command's name, or may; read like a flag of its name. */
  readonly argument?: { readonly name: string; readonly text: string; readonly optional?: boolean };
}

interface ShellCommand extends CommandFacts {
  /** Answers from the shell alone, before anything else is loaded. */
  readonly needs: 'shell';
  run(context: ShellContext, flags: Flags): Promise<CommandOutcome>;
}

interface FilesCommand extends CommandFacts {
  /** Works on files: what trades is loaded only when it asks. */
  readonly needs: 'files';
  run(context: FilesContext, flags: Flags): Promise<CommandOutcome>;
}

interface HostCommand extends CommandFacts {
  readonly needs?: 'host';
  run(context: Context, flags: Flags): Promise<CommandOutcome>;
}

/** One command: what help says of it, and what it does. `run` imports what it needs, so that help stays quick. */
export type CommandSpec = ShellCommand | FilesCommand | HostCommand;

/** Values of a command's own flags, by their camel-cased names. */
export class Flags {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** A flag that commander has made sure of. */
  required(name: string): string {
    return this.text(name) ?? '';
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  has(name: string): boolean {
    return this.values[name] === true;
  }

  /** Whether it was given at all, whatever its value. */
  gave(name: string): boolean {
    return this.values[name] !== undefined;
  }
}

/** The common flags as a request to the configuration. */
export const configOf = (flags: CommonFlags): ConfigRequest => ({
  ...(flags.config === undefined ? {} : { file: flags.config }),
  ...(flags.profile === undefined ? {} : { profile: flags.profile }),
  ...(flags.state === undefined ? {} : { stateDir: flags.state }),
});
