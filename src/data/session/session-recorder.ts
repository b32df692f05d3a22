import { messageOf } from '../../domain/errors.js';
import { endLine, sessionLine } from './session-line.js';

/** Characters that wait for the disk: some minutes of a busy market. */
const MOST_WAITING = 2 ** 24;

/** A file that is written from its beginning to its end. */
export interface RecordFile {
  readonly path: string;
  /** Resolves when it is the system's to keep. Rejects with STORE-*. */
  append(text: string): Promise<void>;
  /** Durable when it resolves. Rejects with STORE-*. */
  close(): Promise<void>;
}

export interface SessionRecord {
  readonly path: string;
  readonly messages: number;
  /** Why it ended before whoever recorded did; undefined: it did not. */
  readonly endedEarly: string | undefined;
}

export interface RecorderTerms {
  readonly symbol: string;
  /** Epoch milliseconds, with their fraction. */
  readonly now: () => number;
  /** It has ended early, and why. */
  readonly ended: (why: string) => void;
  readonly mostWaiting?: number;
}

/**
 * Writes what is heard of one symbol as a session that can be verified and played again, as it comes. A record has no
 * holes: where the disk does not keep up, or fails, it ends, and what it has is whole up to there.
 */
export class SessionRecorder {
  private waiting: string[] = [];
  private size = 0;
  private writing: Promise<void> | undefined;
  private last = 0;
  private messages = 0;
  private isOver = false;
  private endedEarly: string | undefined;

  constructor(
    private readonly file: RecordFile,
    private readonly terms: RecorderTerms,
  ) {}

  /** A message as it arrived. */
  readonly heard = (text: string): void => {
    if (this.isOver) return;
    const line = sessionLine(this.now(), text, this.terms.symbol);
    if (this.size + line.length > (this.terms.mostWaiting ?? MOST_WAITING)) {
      this.finish('the disk did not keep up');
      return;
    }
    this.messages += 1;
    this.put(line);
  };

  /** Whole on the disk, with its last line, when it resolves; it never rejects. */
  async close(): Promise<SessionRecord> {
    if (!this.isOver) {
      this.isOver = true;
      this.put(endLine(this.now()));
    }
    await this.writing;
    try {
      await this.file.close();
    } catch (error) {
      this.endedEarly ??= messageOf(error);
    }
    const { messages, endedEarly, file } = this;
    return { path: file.path, messages, endedEarly };
  }

  /** A clock that is set back makes no later message an earlier one. */
  private now(): number {
    return (this.last = Math.max(this.last, this.terms.now()));
  }

  private finish(why: string): void {
    this.isOver = true;
    this.endedEarly = why;
    this.put(endLine(this.now(), why));
    this.terms.ended(why);
  }

  private put(line: string): void {
    this.waiting.push(line);
    this.size += line.length;
    this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    try {
      while (this.waiting.length > 0) {
        const text = this.waiting.join('');
        this.waiting = [];
        await this.file.append(text);
        this.size -= text.length;
      }
    } catch (error) {
      this.waiting = [];
      this.isOver = true;
      const why = messageOf(error);
      if (this.endedEarly === undefined) this.terms.ended(why);
      this.endedEarly ??= why;
    } finally {
      this.writing = undefined;
    }
  }
}
