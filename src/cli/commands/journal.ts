import type { Json, StoredEvent } from '../../ports/event-store.js';
import { fault } from '../../domain/errors.js';
import { configOf, type CommandSpec, type Context } from '../command.js';
import { countFlag } from '../flags.js';
import type { JournalAccess } from '../host.js';

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
      const events = journal.store.query({ limit, ...(types.length === 0 ? {} : { types }) });
      return {
        kind: 'journal.tail',
        data: { path: journal.path, records: events.map((event) => recordOf(event)) },
        text: events.length === 0 ? 'No records.' : events.map((event) => `${String(event.seq).padStart(6)}  ${iso(event.at)}  ${event.type.padEnd(20)} ${JSON.stringify(event.payload)}`).join('\n'),
      };
    });
  },
};

const verify: CommandSpec = {
  name: 'journal verify',
  summary: 'Read the whole journal and name what is damaged.',
  example: 'journal verify',
  kind: 'journal.verify',
  flags: [],
  async run(context) {
    return withJournal(context, (journal) => {
      const report = journal.verify();
      const [first] = report.problems;
      if (first !== undefined) throw fault(first.code, first.message, { problems: report.problems, where: first.where ?? journal.path });
      const { firstAt, lastAt } = report;
      const span = firstAt === undefined || lastAt === undefined ? '' : `, ${iso(firstAt)} to ${iso(lastAt)}`;
      return {
        kind: 'journal.verify',
        data: { path: journal.path, records: report.records, from: firstAt === undefined ? null : iso(firstAt), to: lastAt === undefined ? null : iso(lastAt) },
        text: `Whole: ${report.records} records in ${journal.path}${span}.`,
      };
    });
  },
};

const exportJournal: CommandSpec = {
  name: 'journal export',
  summary: 'Write the journal as JSON lines, one record a line.',
  example: 'journal export --out journal.jsonl',
  kind: 'journal.export',
  flags: [
    { flags: '--out <file>', text: 'file to write; default: standard output' },
    { flags: '--type <name>', text: 'records of this type only; may be repeated', repeated: true },
  ],
  async run(context, flags) {
    const types = flags.list('type');
    const out = flags.text('out');
    return withJournal(context, (journal) => {
      const records = journal.store.query(types.length === 0 ? {} : { types }).map((event) => recordOf(event));
      const lines = records.map((record) => JSON.stringify(record)).join('\n');
      if (out === undefined) return { kind: 'journal.export', data: { path: journal.path, count: records.length, records }, text: lines };
      context.host.writeFile(out, records.length === 0 ? '' : `${lines}\n`);
      return { kind: 'journal.export', data: { path: journal.path, count: records.length, out }, text: `${records.length} records written to ${out}.` };
    });
  },
};

export const journal: readonly CommandSpec[] = [tail, verify, exportJournal];

async function withJournal<T>(context: Context, use: (journal: JournalAccess) => T): Promise<T> {
  const { config } = context.host.loadConfig({ ...configOf(context.flags), fallbackProfile: 'demo' });
  const opened = context.host.openJournal(config);
  if (opened === undefined) {
    throw fault('STORE-003', 'There must be a journal to read, and there is none yet.', {
      where: config.storage.directory ?? 'in memory',
      fix: 'Run perpsbot start first, or name the directory with --state.',
    });
  }
  try {
    return use(opened);
  } finally {
    await opened.store.close();
  }
}

const recordOf = (event: StoredEvent): Json => ({ seq: event.seq, at: iso(event.at), type: event.type, botId: event.botId, profile: event.profile, version: event.version, payload: event.payload });
const iso = (at: number): string => new Date(at).toISOString();
