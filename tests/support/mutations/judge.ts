import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CONFIG, mutatedConfig } from './config-mutations.js';
import { mutatedData, ORIGINALS, type Original } from './data-mutations.js';

/** What the command line answered with `--json`. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
}

export type Ask = (words: readonly string[]) => Promise<Answer>;
export type MutationKind = 'config' | 'data';

interface Envelope {
  readonly data: { readonly traceHash?: string; readonly values?: readonly Shown[] } | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly error?: (Problem & { readonly problems?: readonly Problem[] }) | null;
}
interface Problem {
  readonly code: string;
  readonly where: string | null;
  readonly fix: string | null;
}
interface Shown {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
}

/** A profile may log every decision. */
const QUIET = ['--set', 'logging.level=error'];
const WANTED = ['--json', '--param', 'shortMa=4', '--param', 'longMa=9'];

/**
 * Gives the command line files that something has happened to. It must refuse them by code, place and what to do, or do
 * what it does with the file as it was, or say what it has found or been told.
 */
export class Judge {
  private readonly known = new Map<string, Promise<Envelope>>();

  constructor(
    private readonly directory: string,
    private readonly ask: Ask,
  ) {
    mkdirSync(directory, { recursive: true });
    for (const { name, lines } of ORIGINALS) writeFileSync(this.original({ name }), `${lines.join('\n')}\n`);
    writeFileSync(this.plainConfig(), CONFIG);
  }

  /** What is wrong with the answer to a seed, with what was done; undefined where nothing is. */
  async wrong(kind: MutationKind, seed: number): Promise<string | undefined> {
    const directory = join(this.directory, `${kind}-${seed}`);
    mkdirSync(directory, { recursive: true });
    try {
      const { what, found } = kind === 'config' ? await this.config(directory, seed) : await this.data(directory, seed);
      return found === undefined ? undefined : `${kind} ${seed} (${what}): ${found}`;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  private async config(directory: string, seed: number): Promise<{ what: string; found: string | undefined }> {
    const { what, bytes } = mutatedConfig(seed);
    const file = join(directory, 'bot.yaml');
    writeFileSync(file, bytes);
    const bars = this.original(ORIGINALS[0] as Original);
    const run = (config: string): Promise<Envelope> =>
      this.answer(['backtest', '--json', '--data', bars, '--config', config]);
    const show = (config: string): Promise<Envelope> => this.answer(['config', 'show', '--json', '--config', config]);
    const now = await run(file);
    if (now.data === null) return { what, found: refusal(now, file) };
    const plain = this.plainConfig();
    const before = await this.once('config', () => run(plain));
    if (now.data.traceHash === before.data?.traceHash || news(now, before, '')) return { what, found: undefined };
    const shown = await show(file);
    const shownBefore = await this.once('shown', () => show(plain));
    const other = (shown.data?.values ?? []).filter(
      ({ path, value }) => shownBefore.data?.values?.find((known) => known.path === path)?.value !== value,
    );
    return { what, found: other.length > 0 ? undefined : 'another result, and config show names no other setting' };
  }

  private async data(directory: string, seed: number): Promise<{ what: string; found: string | undefined }> {
    const { what, bytes, original } = mutatedData(seed);
    const file = join(directory, original.name);
    writeFileSync(file, bytes);
    const run = (path: string): Promise<Envelope> => this.answer(['backtest', ...WANTED, '--data', path]);
    const now = await run(file);
    if (now.data === null) return { what, found: refusal(now, file) };
    const before = await this.once(original.name, () => run(this.original(original)));
    const isSame = now.data.traceHash === before.data?.traceHash;
    return { what, found: isSame || news(now, before, directory) ? undefined : 'another result, and nothing said' };
  }

  /** As they were; written before anybody asks. */
  private original({ name }: Pick<Original, 'name'>): string {
    return join(this.directory, name);
  }

  private plainConfig(): string {
    return join(this.directory, 'plain.yaml');
  }

  private async once(name: string, make: () => Promise<Envelope>): Promise<Envelope> {
    const made = this.known.get(name) ?? make();
    this.known.set(name, made);
    const envelope = await made;
    if (envelope.data === null)
      throw new Error(`${name} as it was must be accepted: ${JSON.stringify(envelope.error)}`);
    return envelope;
  }

  private async answer(words: readonly string[]): Promise<Envelope> {
    const { code, stdout } = await this.ask([...words, ...(words[0] === 'backtest' ? QUIET : [])]);
    try {
      const envelope = JSON.parse(stdout) as Envelope;
      return code === 0 && envelope.data === null ? { ...envelope, error: null } : envelope;
    } catch {
      return { data: null, warnings: [], error: { code: `no JSON, exit ${code}`, where: null, fix: null } };
    }
  }
}

/** A refusal names its code, the file, with its line where it is one of text, and what to do; each of several does. */
function refusal({ error }: Envelope, file: string): string | undefined {
  if (!error) return 'ended well and gave no result';
  const { problems = [] } = error;
  for (const { code, where, fix } of problems.length > 0 ? problems : [error]) {
    if (!/^[A-Z]+-\d{3}$/.test(code)) return `refused as ${code}`;
    if (!where?.includes(basename(file))) return `${code} names no file but ${where ?? 'nothing'}`;
    if (fix === null || fix === '') return `${code} says not what to do`;
  }
  return undefined;
}

/** Something is said that was not said of the file as it was. */
function news(now: Envelope, before: Envelope, directory: string): boolean {
  const told = new Set(before.warnings.map(({ code }) => code));
  return now.warnings.some(({ code, message }) => !told.has(code) && message.replace(directory, '').length > 0);
}
