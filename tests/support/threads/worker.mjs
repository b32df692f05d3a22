// A thread for tests of the pool: it does what its message says.
import { parentPort, threadId } from 'node:worker_threads';

let value;
parentPort.on('message', ({ id, context, message }) => {
  if (context !== undefined) value = context;
  if (message === 'die') process.exit(3);
  if (message === 'throw') throw new Error('boom');
  if (message === 'write') value[0] += 1;
  if (message !== 'hang')
    parentPort.postMessage({
      id,
      result: { thread: threadId, message, seen: value?.[0], sent: context !== undefined },
    });
});
parentPort.postMessage({ ready: true });
