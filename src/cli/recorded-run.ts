import { terminalText } from '../flow/plain-text.js';
import type { SessionRecord } from '../data/session/session-recorder.js';
import { MarketRecording } from '../runs/venue/market-recording.js';
import type { CommandOutcome, Context, Flags } from './command.js';

/** What `--record` asks for; undefined where nobody did. Throws CLI-001. */
export function recordingOf({ host }: Context, flags: Flags): MarketRecording | undefined {
  const path = flags.text('record');
  if (path === undefined) return undefined;
  return new MarketRecording(host, { path, overwrite: flags.gave('overwrite') }, (why) =>
    host.io.stderr.write(terminalText(`${path}: the recording ends here, the run goes on. ${why}\n`)),
  );
}

/** What a run came to, and what was recorded meanwhile. */
export function withRecord(ran: CommandOutcome, record: SessionRecord | undefined): CommandOutcome {
  if (record === undefined) return ran;
  const { path, messages, endedEarly } = record;
  return {
    ...ran,
    data: { ...(ran.data as object), record: { path, messages, endedEarly: endedEarly ?? null } },
    text: `${ran.text}\nRecorded ${messages} messages in ${path}${endedEarly === undefined ? '' : `, which ended early: ${endedEarly}`}`,
    warnings: [
      ...(ran.warnings ?? []),
      ...(endedEarly === undefined
        ? []
        : [{ code: 'W-RUN-004', message: `${path} ended before the run did: ${endedEarly}` }]),
    ],
  };
}
