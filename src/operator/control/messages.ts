import type { Json } from '../../ports/storage/event-store.js';
import type { Folder } from './place.js';

/** Lines of JSON, both ways. The first line of each side names who it means and who it is. */
export const PROTOCOL = 1;
/** No line of an operator's is longer. */
export const LONGEST_LINE = 16_384;

/** Which bot is meant, and which one answers. */
export interface Hello {
  readonly perpsbot: number;
  readonly folder: Folder;
  /** Null while the bot has never been connected. */
  readonly account: string | null;
  /** Of one life of one process. */
  readonly instance: string;
}

export type Command = 'status' | 'halt' | 'reduce-only' | 'resume' | 'flatten' | 'strategy resume' | 'reconcile';

export interface CommandMessage {
  readonly command: Command;
  readonly actor: string;
  readonly reason: string;
  /** Host milliseconds for which the answer is waited for. */
  readonly withinMs: number;
  /** Of `strategy resume`: which one. */
  readonly strategy?: string;
  /** Of `reconcile`: the foreign order that is to be the bot's own. */
  readonly adopt?: string;
  /** Of `flatten`: without a plan's name it is shown one. */
  readonly options?: { readonly plan?: string; readonly maxSlippageBps?: number; readonly deadlineMs?: number };
}

export interface DoorRefusal {
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly problems?: readonly string[];
}

/** What the door says after its hello: that it has heard, how far it is, and how it ended. */
export type Reply =
  | { readonly heard: true }
  // How far it is, and how it ended.
  | { readonly progress: Json }
  | { readonly result: Json }
  | { readonly refused: DoorRefusal };

/** What a running bot writes beside its journal, so that it is found. */
export interface Description extends Hello {
  readonly socket: string;
  readonly pid: number;
  /** Host wall clock, ISO-8601. */
  readonly started_at: string;
}

/** In words, when the two do not mean the same bot; undefined when they do. */
export function mismatch(meant: Hello, found: Hello): string | undefined {
  if (meant.perpsbot !== found.perpsbot)
    return `it speaks version ${found.perpsbot} of the protocol, not ${meant.perpsbot}`;
  if (meant.folder.id !== found.folder.id) return `it keeps ${found.folder.path}, and ${meant.folder.path} was meant`;
  if (meant.account !== null && found.account !== null && meant.account !== found.account)
    return `its account is ${found.account}, and ${meant.account} was meant`;
  return meant.instance === found.instance ? undefined : `it is another process than the one that was meant`;
}

export const lineOf = (message: object): string => `${JSON.stringify(message)}\n`;

/** Undefined for what is no hello. */
export function readHello(text: string): Hello | undefined {
  const value = read(text);
  const folder = value?.['folder'] as Partial<Folder> | undefined;
  const account = value?.['account'];
  return typeof value?.['perpsbot'] === 'number' &&
    typeof folder?.path === 'string' &&
    typeof folder.id === 'string' &&
    (account === null || typeof account === 'string') &&
    typeof value['instance'] === 'string'
    ? (value as unknown as Hello)
    : undefined;
}

const COMMANDS: ReadonlySet<unknown> = new Set<Command>([
  'status',
  'halt',
  'reduce-only',
  'resume',
  'flatten',
  'strategy resume',
  'reconcile',
]);

/** Undefined for what is no command. */
export function readCommand(text: string): CommandMessage | undefined {
  const value = read(text);
  return COMMANDS.has(value?.['command']) &&
    typeof value?.['actor'] === 'string' &&
    typeof value['reason'] === 'string' &&
    typeof value['withinMs'] === 'number' &&
    value['withinMs'] >= 0 &&
    (value['command'] !== 'strategy resume' || typeof value['strategy'] === 'string') &&
    (value['adopt'] === undefined || typeof value['adopt'] === 'string')
    ? (value as unknown as CommandMessage)
    : undefined;
}

export function read(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
