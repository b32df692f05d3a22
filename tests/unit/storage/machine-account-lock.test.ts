import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MachineAccountLock } from '#src/storage/sqlite/machine-account-lock.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { testConfig } from '../../support/config.js';
import { eachDriver, removeTemporaryDirectories, temporaryDirectory } from './support/stores.js';

afterEach(removeTemporaryDirectories);

const ACCOUNT = 'binance-usdm:SgsR';
const AT = { venue: 'binance-usdm', environment: 'testnet' } as const;

describe.each(eachDriver)('an account held on this machine (%s)', (_name, driver) => {
  const lockOf = (
    state: string,
    accounts: string | undefined,
    usual = accounts ?? '',
    restUrl = 'https://demo',
  ): [MachineAccountLock, RecordingLogger] => {
    const logger = new RecordingLogger();
    const storage = { driver: 'sqlite' as const, directory: state, ...(accounts === undefined ? {} : { accounts }) };
    const current = { ...testConfig({ storage }), venue: { environment: 'live' as const, maxLagMs: 5_000, restUrl } };
    return [new MachineAccountLock({ config: { current }, driver, logger, usual }), logger];
  };

  it('is refused to a bot of another state directory, which is told who has it, and free once that has gone', () => {
    const accounts = join(temporaryDirectory(), 'accounts');
    const [first] = lockOf('/state/a', accounts);
    const [second] = lockOf('/state/b', accounts);
    first.take(ACCOUNT, AT);
    first.take(ACCOUNT, AT);
    expect(() => second.take(ACCOUNT, AT)).toThrow(
      expect.objectContaining({
        code: 'STORE-005',
        exitCode: 75,
        message: expect.stringMatching(new RegExp(`held by process ${process.pid} on .*state /state/a`)),
      }),
    );
    first.release();
    second.take(ACCOUNT, AT);
    expect(() => first.take(ACCOUNT, AT)).toThrow(/state \/state\/b/);
    second.release();
    second.release();
  });

  it('is another one at another host, in another environment, and of another name; a file tells neither', () => {
    const accounts = temporaryDirectory();
    const others = [
      { account: ACCOUNT, environment: 'testnet' as const },
      { account: 'binance-usdm:XYZ' },
      { account: ACCOUNT, environment: 'live' as const },
      { account: ACCOUNT, restUrl: 'http://127.0.0.1:8790' },
      { account: 'binance-usdm:XYZ', environment: 'live' as const, restUrl: 'https://fapi.binance.com' },
    ];
    const locks = others.map(({ account, environment = 'testnet' as const, restUrl }) => {
      const [lock] = lockOf('/state/a', accounts, accounts, restUrl);
      lock.take(account, { venue: 'binance-usdm', environment });
      return lock;
    });
    // A production is one, by whatever address it is spoken to.
    const [again] = lockOf('/state/b', accounts, accounts, 'https://fapi.binance.com/');
    expect(() => again.take(ACCOUNT, { ...AT, environment: 'live' })).toThrow(/STORE-005|held by/);
    const files = readdirSync(accounts);
    expect(files.filter((name) => name.endsWith('.lock'))).toHaveLength(others.length);
    expect(files.join()).not.toMatch(/SgsR|XYZ|binance/);
    expect(files.map((name) => statSync(join(accounts, name)).mode & 0o077)).toEqual(files.map(() => 0));
    for (const lock of locks) lock.release();
  });

  it('cannot be held where there is no folder: said where that was not asked for, refused where it was', () => {
    const file = temporaryDirectory();
    writeFileSync(file, '');
    const [named] = lockOf('/state/a', join(file, 'accounts'));
    expect(() => named.take(ACCOUNT, AT)).toThrow(expect.objectContaining({ code: 'STORE-003' }));
    const [usual, logger] = lockOf('/state/a', undefined, join(file, 'accounts'));
    usual.take(ACCOUNT, AT);
    expect(logger.at('warn').join()).toContain('The account is not held on this machine');
    usual.release();
  });
});
