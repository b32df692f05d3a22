import { describe, expect, it } from '@jest/globals';
import type { ErrorCode } from '#src/domain/errors.js';
import { errorOf, loadEnv, loadProfile, loadYaml } from './support.js';

interface Mistake {
  readonly name: string;
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  readonly overrides?: object;
  readonly code: ErrorCode;
  readonly where: string;
  readonly message: string;
  readonly fix: string;
}

// prettier-ignore
const MISTAKES: readonly Mistake[] = [
  { name: 'a misspelt limit', yaml: 'profile: demo\nrisk:\n  maxLeverge: 3\n', code: 'CFG-001', where: 'bot.yaml:3:3', message: 'did you mean "maxLeverage"?', fix: 'Rename it to "maxLeverage".' },
  { name: 'a key in snake case', yaml: 'profile: demo\nrisk:\n  max_leverage: 3\n', code: 'CFG-001', where: 'bot.yaml:3:3', message: 'Unknown key "max_leverage" in risk', fix: 'Rename it to "maxLeverage".' },
  { name: 'a key in the wrong section', yaml: 'profile: demo\nstrategy:\n  priceCollar: 50bps\n', code: 'CFG-001', where: 'bot.yaml:3:3', message: 'did you mean "risk.priceCollar"?', fix: 'Move it to "risk.priceCollar".' },
  { name: 'a key that means nothing', yaml: 'profile: demo\nquux: 1\n', code: 'CFG-001', where: 'bot.yaml:2:1', message: 'Unknown key "quux".', fix: 'Remove it' },
  { name: 'a key of the reference that was replaced', yaml: 'profile: demo\nsession:\n  trading_days: [monday]\n', code: 'CFG-004', where: 'bot.yaml:3:3', message: 'Key "trading_days" in session is retired.', fix: 'Use session.days.' },
  { name: 'a key that reaches a prototype', yaml: 'profile: demo\n__proto__: { dryRun: true }\n', code: 'CFG-001', where: 'bot.yaml:2:1', message: '"__proto__" is not allowed', fix: 'Remove it.' },
  { name: 'a quoted boolean', yaml: 'profile: demo\ndryRun: "false"\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'dryRun must be true or false, was "false".', fix: 'Write it like true.' },
  { name: 'a boolean of older YAML', yaml: 'profile: demo\ndryRun: yes\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'dryRun must be true or false, was "yes".', fix: 'Write it like true.' },
  { name: 'a letter for a digit', yaml: 'profile: demo\nrisk:\n  maxLeverage: 1O\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'risk.maxLeverage must be a decimal number, was "1O".', fix: 'Write it like 2.5.' },
  { name: 'a percentage as a bare number', yaml: 'profile: demo\nrisk:\n  maxDrawdown: 5\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'risk.maxDrawdown must be a percentage, was 5.', fix: 'Write the unit' },
  { name: 'a fraction for a percentage', yaml: 'profile: demo\nstrategy:\n  positionFraction: 0.05\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'must be a percentage, was 0.05.', fix: 'for example 25%' },
  { name: 'money without a currency', yaml: 'profile: demo\nrisk:\n  dailyLossLimit: 250\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'must be an amount with its currency', fix: 'for example 250 USDT' },
  { name: 'money in a currency nothing settles in', yaml: 'profile: demo\nrisk:\n  dailyLossLimit: 250 EUR\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'was "250 EUR".', fix: '250 USDT' },
  { name: 'a duration without a unit', yaml: 'profile: demo\nupdateInterval: 5\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'updateInterval must be a duration, was 5.', fix: 'for example 30s' },
  { name: 'a time that does not exist', yaml: 'profile: demo\nsession: { start: 24:10, end: 10:00 }\n', code: 'CFG-002', where: 'bot.yaml:2:12', message: 'session.start must be a time of day in UTC', fix: '14:00' },
  { name: 'a weekday that does not exist', yaml: 'profile: demo\nsession:\n  days: [mondai]\n', code: 'CFG-002', where: 'bot.yaml:3:10', message: 'must be one of monday', fix: 'Did you mean monday?' },
  { name: 'a word that is no choice', yaml: 'profile: demo\nexecution:\n  timeInForce: ICO\n', code: 'CFG-002', where: 'bot.yaml:3:3', message: 'must be one of GTC, IOC, FOK, was "ICO".', fix: 'Did you mean IOC?' },
  { name: 'a profile that does not exist', yaml: 'profile: prd\n', code: 'CFG-002', where: 'bot.yaml:1:1', message: 'profile must be one of dev, demo, spot, canary, prod', fix: 'Did you mean prod?' },
  { name: 'a section that is one value', yaml: 'profile: demo\nrisk: 5\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'risk must be a section of keys, was 5.', fix: 'Write its keys below it' },
  { name: 'one value where a list belongs', yaml: 'profile: demo\nsymbols: BTC-PERP\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'symbols must be a list', fix: 'symbols: [A, B]' },
  { name: 'an empty list of symbols', yaml: 'profile: demo\nsymbols: []\n', code: 'CFG-002', where: 'bot.yaml:2:1', message: 'symbols must name at least one', fix: 'Write a list' },
  { name: 'a repeated key', yaml: 'profile: demo\ndryRun: true\ndryRun: false\n', code: 'CFG-002', where: 'bot.yaml:3:1', message: 'Map keys must be unique', fix: 'Correct the line' },
  { name: 'a bracket that is not closed', yaml: 'profile: demo\nsymbols: [BTC-PERP\n', code: 'CFG-002', where: 'bot.yaml:', message: 'Not valid YAML', fix: 'brackets must match' },
  { name: 'an alias', yaml: 'profile: demo\nrisk: &r { maxLeverage: 3 }\nstrategy: *r\n', code: 'CFG-002', where: 'bot.yaml:3:11', message: 'strategy must be written out', fix: 'Write the value itself.' },
  { name: 'a share above the whole', yaml: 'profile: demo\nstrategy:\n  positionFraction: 120%\n', code: 'CFG-006', where: 'bot.yaml:3:3', message: 'must be above 0% and at most 100%, was "120%".', fix: 'Choose a value' },
  { name: 'means in the wrong order', yaml: 'profile: demo\nstrategy: { shortMa: 20, longMa: 5 }\n', code: 'CFG-006', where: 'bot.yaml:2:13', message: 'strategy.shortMa must be below strategy.longMa (5), was 20.', fix: 'Lower strategy.shortMa' },
  { name: 'leverage above its limit', yaml: 'profile: demo\nstrategy:\n  targetLeverage: 4\n', code: 'CFG-006', where: 'bot.yaml:3:3', message: 'strategy.targetLeverage must be at most risk.maxLeverage (3), was 4.', fix: 'Lower strategy.targetLeverage' },
  { name: 'half a session', yaml: 'profile: demo\nsession:\n  start: 14:00\n', code: 'CFG-006', where: 'bot.yaml:3:3', message: 'session.start and session.end must be given together.', fix: 'Add session.end' },
  { name: 'breaker thresholds in the wrong order', yaml: 'profile: demo\nrisk:\n  volatility: { warning: 30% }\n', code: 'CFG-006', where: 'bot.yaml:3:17', message: 'risk.volatility.warning must be at most risk.volatility.reduceOnly (20%), was 30%.', fix: 'Lower risk.volatility.warning' },
  { name: 'a reconnect pause above its maximum', yaml: 'profile: demo\nstreaming: { reconnectMin: 1m, reconnectMax: 5s }\n', code: 'CFG-006', where: 'bot.yaml:2:14', message: 'streaming.reconnectMin must be at most streaming.reconnectMax (5s), was 1m.', fix: 'Lower streaming.reconnectMin' },
  { name: 'a live world in the demo', yaml: 'profile: demo\nworld: live\n', code: 'CFG-006', where: 'bot.yaml:2:1', message: 'Profile demo must not trade live.', fix: 'Choose profile canary or prod' },
  { name: 'shorts on a spot account', yaml: 'profile: spot\nstrategy:\n  enableShorts: true\n', code: 'CFG-006', where: 'bot.yaml:3:3', message: 'strategy.enableShorts must be false while derivatives is false.', fix: 'Set derivatives: true' },
  { name: 'an unknown instrument', yaml: 'profile: demo\nsymbols: [BTC-PREP]\n', code: 'CFG-007', where: 'bot.yaml:2:1', message: 'unknown instrument BTC-PREP; did you mean BTC-PERP?', fix: 'describe it under instruments' },
  { name: 'a limit for an unknown instrument', yaml: 'profile: demo\nrisk:\n  maxNotionalPerSymbol:\n    BTC-PRP: 500 USDT\n', code: 'CFG-007', where: 'bot.yaml:4:5', message: 'risk.maxNotionalPerSymbol: unknown instrument BTC-PRP', fix: 'Did you mean BTC-PERP?' },
  { name: 'a size in the wrong currency', yaml: 'profile: demo\nrisk:\n  maxOrderSize: { BTC-PERP: 5 ETH }\n', code: 'CFG-002', where: 'bot.yaml:3:19', message: 'must be in BTC, was in ETH.', fix: 'Write the size in BTC.' },
  { name: 'an incomplete instrument', yaml: 'profile: demo\ninstruments:\n  FOO-PERP: { base: FOO }\n', code: 'CFG-002', where: 'bot.yaml:3:', message: 'instruments.FOO-PERP must be complete; missing: quote', fix: 'Add quote' },
  { name: 'an instrument too fine to be held exactly', yaml: 'profile: demo\ninstruments:\n  BTC-PERP: { tick: 0.00001, step: 0.00001 }\n', code: 'NUM-002', where: 'bot.yaml:3:', message: 'tick times step', fix: 'coarser' },
  { name: 'a boolean variable that says on', env: { RISK_KILL_SWITCH_ENABLED: 'on' }, code: 'CFG-002', where: 'environment variable RISK_KILL_SWITCH_ENABLED', message: 'RISK_KILL_SWITCH_ENABLED (risk.killSwitch) must be true or false, was "on".', fix: 'Write it like true.' },
  { name: 'a variable with a letter for a digit', env: { RISK_MAX_LEVERAGE: '1O' }, code: 'CFG-002', where: 'environment variable RISK_MAX_LEVERAGE', message: 'RISK_MAX_LEVERAGE (risk.maxLeverage) must be a decimal number, was "1O".', fix: 'Write it like' },
  { name: 'a misspelt variable', env: { PERPSBOT__RISK__MAX_LEVERGE: '3' }, code: 'CFG-001', where: 'environment variable PERPSBOT__RISK__MAX_LEVERGE', message: 'Unknown variable PERPSBOT__RISK__MAX_LEVERGE.', fix: 'Did you mean PERPSBOT__RISK__MAX_LEVERAGE?' },
  { name: 'a misspelt variable of the reference', env: { RISK_MAX_LEVERGE: '3' }, code: 'CFG-001', where: 'environment variable RISK_MAX_LEVERGE', message: 'Unknown variable RISK_MAX_LEVERGE.', fix: 'Did you mean RISK_MAX_LEVERAGE?' },
  { name: 'a variable with one underscore for two', env: { PERPSBOT_RISK_MAX_LEVERAGE: '3' }, code: 'CFG-001', where: 'environment variable PERPSBOT_RISK_MAX_LEVERAGE', message: 'Unknown variable PERPSBOT_RISK_MAX_LEVERAGE.', fix: 'Did you mean PERPSBOT__RISK__MAX_LEVERAGE?' },
  { name: 'a retired variable', env: { USE_NEW_STREAMING_SERVICE: 'true' }, code: 'CFG-004', where: 'environment variable USE_NEW_STREAMING_SERVICE', message: 'USE_NEW_STREAMING_SERVICE is retired.', fix: 'Remove it' },
  { name: 'two variables that disagree', env: { RISK_MAX_LEVERAGE: '2', PERPSBOT__RISK__MAX_LEVERAGE: '3' }, code: 'CFG-006', where: 'environment variable RISK_MAX_LEVERAGE', message: 'both set risk.maxLeverage, to different values', fix: 'Keep one of them.' },
  { name: 'an unknown override', overrides: { interval: '5s' }, code: 'CFG-001', where: 'override interval', message: 'Unknown key "interval"; did you mean "updateInterval"?', fix: 'Rename it' },
  { name: 'an override of the wrong type', overrides: { strategy: { targetLeverage: 'x' } }, code: 'CFG-002', where: 'override strategy.targetLeverage', message: 'strategy.targetLeverage must be a number, was "x".', fix: 'Write it like 2.' },
];

describe('configuration mistakes', () => {
  it.each(MISTAKES)(
    'names the place and the remedy of $name',
    ({ yaml, env, overrides, code, where, message, fix }) => {
      const error = errorOf(() =>
        yaml !== undefined ? loadYaml(yaml) : env !== undefined ? loadEnv(env) : loadProfile('demo', { overrides }),
      );

      expect(error.code).toBe(code);
      expect(error.exitCode).toBe(78);
      const [problem, ...others] = error.problems;
      expect(others).toEqual([]);
      expect(problem?.where).toContain(where);
      expect(problem?.message).toContain(message);
      expect(problem?.fix).toContain(fix);
      expect(error.message).toContain(message);
    },
  );

  it('are all reported at once, joined by semicolons, each with its place', () => {
    const error = errorOf(() =>
      loadYaml('profile: demo\ndryRun: "no"\nrisk:\n  maxLeverge: 3\n  maxDrawdown: 5\nsymbols: [NOPE]\n', {
        env: { RISK_REDUCE_ONLY_MODE: 'y' },
      }),
    );

    expect(error.problems.map((problem) => problem.code)).toEqual([
      'CFG-002',
      'CFG-002',
      'CFG-001',
      'CFG-002',
      'CFG-007',
    ]);
    expect(error.message.split('; bot.yaml:').length).toBe(4);
    for (const problem of error.problems)
      expect(error.message).toContain(`${problem.where ?? '?'}: ${problem.message.replace(/\.$/, '')}`);
  });

  it('do not blame what takes the place of a refused value', () => {
    const error = errorOf(() => loadYaml('profile: demo\nstrategy: { shortMa: x, longMa: 4 }\n'));

    expect(error.problems.map((problem) => problem.message)).toEqual([
      'strategy.shortMa must be a whole number, was "x".',
    ]);
  });

  it('never repeat the value of a secret', () => {
    const error = errorOf(() => loadYaml('profile: demo\nstrategy:\n  params: { apiSecret: [hunter2] }\n'));

    expect(JSON.stringify([error.message, error.problems])).not.toContain('hunter2');
  });

  it('leave no trace on the prototype of objects', () => {
    errorOf(() => loadYaml('profile: demo\nrisk:\n  __proto__: { polluted: true }\n'));
    errorOf(() => loadProfile('demo', { overrides: JSON.parse('{"__proto__":{"polluted":true}}') as object }));

    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
