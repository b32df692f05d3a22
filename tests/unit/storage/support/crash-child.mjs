// Appends durable records to a journal and acknowledges each on standard output, until it is killed:
// `crash-child.mjs <state directory> <driver>`, over the built modules.
import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { SecretRedactor } from '../../../../.cache/modules/src/platform/secret-redactor.js';
import { SqliteEventStore } from '../../../../.cache/modules/src/storage/sqlite/event-store.js';
import { loadDriver } from '../../../../.cache/modules/src/storage/sqlite/runtime-sqlite.js';

const [state, driver] = process.argv.slice(2);

const config = { current: { botId: 'child', profile: 'demo', storage: { driver: 'sqlite', directory: state } } };
const timers = { pending: 0, after: () => () => undefined, sleep: () => Promise.resolve() };
const logger = { debugEnabled: false, error() {}, warn() {}, info() {}, debug() {} };
const clock = { now: () => 1_704_067_200_000 };
const store = new SqliteEventStore(config, clock, timers, loadDriver(driver), logger, new SecretRedactor());

store.open();
for (let n = 1; ; n += 1) {
  store.append('metric', { n });
  const { seq } = await store.appendDurable('intent', { n });
  // Waits for the pipe: a parent that does not read for a while must not end this process.
  await new Promise((written) => process.stdout.write(`${seq}\n`, written));
  // Where a sync costs nothing, it would write more than anybody reads.
  await setTimeout(4);
}
