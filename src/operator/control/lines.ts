import type { Socket } from 'node:net';
import { LONGEST_LINE } from './messages.js';

/** Hands on each whole line; a peer that sends a longer one is cut off. */
export function eachLine(socket: Socket, take: (line: string) => void, longest = LONGEST_LINE): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      take(line);
    }
    if (rest.length > longest) socket.destroy();
  });
}
