import { SessionRecorder, type RecordFile, type SessionRecord } from '../../data/session/session-recorder.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import { refusedRequest } from '../refused-request.js';

export interface RecordingHost {
  readonly clock: Pick<HostClock, 'wall'>;
  openRecordFile(path: string, overwrite: boolean): Promise<RecordFile>;
}

export interface RecordingRequest {
  readonly path: string;
  /** What may stand in the file is given away. */
  readonly overwrite: boolean;
}

/**
 * What a run hears of a venue's market, written into a file from the moment at which its symbol is known. `ended` is
 * told when it ends before the run does.
 */
export class MarketRecording {
  private recorder: SessionRecorder | undefined;
  private ending: Promise<SessionRecord | undefined> | undefined;

  /** Throws CLI-001 for a name that promises another format. */
  constructor(
    private readonly host: RecordingHost,
    private readonly request: RecordingRequest,
    private readonly ended: (why: string) => void,
  ) {
    if (/\.(gz|zip|zst|parquet)$/i.test(request.path))
      throw refusedRequest(
        `--record must name a file of text, was ${request.path}: what is packed is lost when its end is.`,
        'Name it .ndjson; what reads it takes it packed with gzip later on.',
      );
  }

  readonly heard = (text: string): void => this.recorder?.heard(text);

  /** Throws CLI-001 where there is not one symbol, STORE-* for a file that cannot be made. */
  async begin(symbols: readonly string[]): Promise<void> {
    const [symbol] = symbols;
    if (symbol === undefined || symbols.length > 1)
      throw refusedRequest(
        `--record must be of one symbol, was of ${symbols.length === 0 ? 'none' : symbols.join(', ')}.`,
        'Name it with --symbol; several are recorded by several runs.',
      );
    const { host, request, ended } = this;
    const file = await host.openRecordFile(request.path, request.overwrite);
    this.recorder = new SessionRecorder(file, { symbol, now: () => host.clock.wall(), ended });
  }

  /** Idempotent; undefined where it has not begun. */
  end(): Promise<SessionRecord | undefined> {
    return (this.ending ??= Promise.resolve(this.recorder?.close()));
  }
}
