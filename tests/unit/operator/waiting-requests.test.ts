import { describe, expect, it } from '@jest/globals';
import { WaitingRequests } from '#src/operator/control/waiting-requests.js';
import type { OperatorRequest } from '#src/ports/storage/operator-requests.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { settled } from '#src/testing/settled.js';
import { FakeEventStore } from '../../support/memory-event-store.js';

const NOW = Date.UTC(2026, 0, 2);
const HOUR = 3_600_000;

function desk(...waiting: OperatorRequest[]) {
  const events = new FakeEventStore();
  const did: string[] = [];
  const wanted = { journaled: true, agrees: true };
  const left = new WaitingRequests({
    requests: {
      waiting: () => [...waiting],
      done: ({ id }) =>
        void waiting.splice(
          waiting.findIndex((request) => request.id === id),
          1,
        ),
    },
    ladder: { heed: () => void did.push('heed') },
    events,
    clock: { wall: () => NOW, monotonic: () => 0 },
    logger: new RecordingLogger(),
    begin: (command) => (did.push(command), Promise.resolve(wanted.journaled)),
    loosen: () => (did.push('resume'), wanted.agrees ? Promise.resolve() : Promise.reject(new Error('differs'))),
  });
  return { left, did, events, waiting, wanted };
}

const asked = (command: OperatorRequest['command'], hoursAgo: number): OperatorRequest => ({
  id: `${command}-${hoursAgo}`,
  command,
  actor: 'cli:ada',
  reason: 'x',
  at: NOW - hoursAgo * HOUR,
});

describe('requests that were left beside the journal', () => {
  it('that tighten are taken before the venue can be asked, one to resume only then, each once', async () => {
    const { left, did, waiting } = desk(asked('halt', 3), asked('resume', 2));
    left.takeUp();
    left.takeUp();
    await settled();
    expect([did, waiting.map(({ command }) => command)]).toEqual([['halt'], ['resume']]);
    left.honour();
    left.honour();
    await settled();
    expect([did, waiting]).toEqual([['halt', 'resume'], []]);
  });

  it.each([
    [23.9, ['resume']],
    [24.1, []],
    [-1, []],
  ])('to resume, %d hours old, have this effect: %j', async (hoursAgo, effect) => {
    const { left, did, waiting, events } = desk(asked('resume', hoursAgo));
    left.honour();
    await settled();
    expect([did, waiting]).toEqual([effect, []]);
    expect(events.payloads('operator_outcome').map(({ outcome }) => outcome)).toEqual(
      effect.length > 0 ? [] : ['too_old'],
    );
  });

  it('to resume are used up by a start at which bot and venue differ', async () => {
    const { left, did, waiting, wanted } = desk(asked('resume', 1));
    wanted.agrees = false;
    left.honour();
    await settled();
    left.honour();
    expect([did, waiting]).toEqual([['resume'], []]);
  });

  it('stay where they are until the journal has them', async () => {
    const { left, did, waiting, wanted } = desk(asked('halt', 1));
    wanted.journaled = false;
    left.takeUp();
    await settled();
    left.takeUp();
    expect([did, waiting.length]).toEqual([['halt'], 1]);
  });
});
