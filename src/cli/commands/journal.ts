import { terminalText } from '../../flow/plain-text.js';
import type { Json, StoredEvent } from '../../ports/storage/event-store.js';
import { fault } from '../../domain/errors.js';
import { configOf, type CommandSpec, type Context } from '../command.js';
import { countFlag, usage } from '../flags.js';
import type { JournalAccess } from '../host.js';
import { JOURNAL_TYPES } from '../journal-types.js';

const LAST = '20';

const tail: CommandSpec = {
  name: 'journal tail',
  summary: 'Show the newest records of the journal.',
  example: 'journal tail --last 50 --type order --type fill',
  kind: 'journal.tail',
  flags: [
    { flags: '--last <n>', text: `how many records; default ${LAST}` },
    { flags: '--type <name>', text: 'records of this type only; may be repeated', repeated: true },
  ],
  async run(context, flags) {
    const limit = countFlag('--last', flags.text('last') ?? LAST, 1);
    const types = flags.list('type');
    return withJournal(context, (journal) => {
      const held = types.length === 0 ? [] : journal.types();
      const unknown = types.filter((type) => !held.includes(type) && !JOURNAL_TYPES.includes(type));
      if (unknown.length > 0)
        throw usage(`--type must be a type of record, was ${unknown.join(', ')}.`, `It holds: ${held.join(', ')}.`);
      const events = journal.query({ limit, ...(types.length === 0 ? {} : { types }) });
      return {
        kind: 'journal.tail',
        data: { path: journal.path, records: events.map((event) => recordOf(event)) },
        text:
          events.length === 0
            ? types.length === 0
              ? 'No records.'
              : `No record of ${types.join(', ')} yet.`
            : events
                .map(
                  (event) =>
                    `${String(event.seq).padStart(6)}  ${iso(event.at)}  ${event.type.padEnd(20)} ${JSON.stringify(event.payload)}`,
                )
                .join('\n'),
      };
    });
  },
};

const verify: CommandSpec = {
  name: 'journal verify',
  summary: 'Read the whole journal and its archive and name what is damaged.',
  example: 'journal verify',
  kind: 'journal.verify',
  flags: [],
  async run(context) {
    return withJournal(context, (journal) => {
      const { ok, records, archived = 0, problems } = journal.verify();
      if (ok)
        return {
          kind: 'journal.verify',
          data: { path: journal.path, records, archived },
          text:
            archived === 0
              ? `Whole: ${records} records in ${journal.path}.`
              : `Whole: ${records} records in ${journal.path}, and ${archived} in its archive.`,
        };
      throw fault('STORE-001', problems.join(' '), {
        where: journal.path,
        why: 'A journal with a hole would restore wrong positions: it is refused, never skipped.',
        fix: 'Restore the file from a copy.',
        problems: problems.map((message) => ({ code: 'STORE-001' as const, message, where: journal.path })),
      });
    });
  },
};

const exportJournal: CommandSpec = {
  name: 'journal export',
  summary: 'Write the journal as JSON lines, one record a line.',
  example: 'journal export --out journal.jsonl',
  kind: 'journal.export',
  flags: [{ flags: '--out <file>', text: 'file to write; default: standard output' }],
  async run(context, flags) {
    const out = flags.text('out');
    const { host } = context;
    const { checkOutputs } = await import('../../runs/report-files.js');
    return withJournal(context, (journal) => {
      checkOutputs(host, { '--out': out }, { 'the journal': journal.path });
      const lines: string[] = [];
      const toScreen = out === undefined && context.flags.json !== true;
      const count = journal.exportLines(
        toScreen ? (line) => void host.io.stdout.write(terminalText(`${line}\n`)) : (line) => void lines.push(line),
      );
      if (out === undefined)
        return {
          kind: 'journal.export',
          data: { path: journal.path, count, records: lines.map((line) => JSON.parse(line) as Json) },
          text: '',
        };
      host.writeAtomic(out, lines.map((line) => `${line}\n`).join(''));
      return {
        kind: 'journal.export',
        data: { path: journal.path, count, out },
        text: `${count} records written to ${out}.`,
      };
    });
  },
};

export const journal: readonly CommandSpec[] = [tail, verify, exportJournal];

function withJournal<T>(context: Context, use: (journal: JournalAccess) => T): T {
  const place = context.host.statePlace({ ...configOf(context.flags), fallbackProfile: 'demo' });
  const opened = context.host.openJournal(place);
  if (opened === undefined) {
    throw fault('STORE-003', 'There must be a journal to read, and there is none yet.', {
      where: place.directory ?? 'in memory',
      fix: 'Run perpsbot start first, or name the directory with --state.',
    });
  }
  return use(opened);
}

const recordOf = (event: StoredEvent): Json => ({
  seq: event.seq,
  at: iso(event.at),
  type: event.type,
  botId: event.botId,
  profile: event.profile,
  version: event.version,
  payload: event.payload,
});
const iso = (at: number): string => new Date(at).toISOString();
