import { spawnSync } from 'node:child_process';

/** An engine says aloud that it does not know a flag, and goes on without it. */
describe('what is asked of the engine', () => {
  it.each(['tuneEngine', 'tuneSeldom'])('is known to the one that runs here: %s', (name) => {
    const program = `const flags = await import('./.cache/modules/src/platform/engine-flags.js'); flags.${name}();`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
