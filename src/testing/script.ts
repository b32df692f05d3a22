import { checkAnswer, type Answer, type AnswerOf, type BrokerMember, type OrderAnswer } from './answers.js';
import type { ManualScheduler } from './manual-scheduler.js';
import { misuse } from './misuse.js';

/** One call of the bot's, as the fake received it. */
export interface BrokerCall {
  readonly member: BrokerMember;
  readonly args: readonly unknown[];
  /** World time. */
  readonly at: number;
}

/** What was asked, in order, and what a test has prepared to answer. */
export class Script {
  readonly calls: BrokerCall[] = [];
  private readonly once = new Map<BrokerMember, OrderAnswer[]>();
  private readonly standing = new Map<BrokerMember, OrderAnswer>();
  /** What will come back after a while, by a name for it. */
  private readonly underWay = new Map<object, string>();
  private readonly mistakes: Error[] = [];

  constructor(private readonly time: ManualScheduler) {}

  next<M extends BrokerMember>(member: M, answer: AnswerOf<M>): void {
    checkAnswer(member, answer as OrderAnswer);
    const answers = this.once.get(member) ?? [];
    answers.push(answer as OrderAnswer);
    this.once.set(member, answers);
  }

  always<M extends BrokerMember>(member: M, answer: AnswerOf<M>): void {
    checkAnswer(member, answer as OrderAnswer);
    this.standing.set(member, answer as OrderAnswer);
  }

  heal(member?: BrokerMember): void {
    if (member === undefined) this.standing.clear();
    else this.standing.delete(member);
  }

  /** Notes the call, and takes what was scripted for it. */
  take<M extends BrokerMember>(member: M, args: readonly unknown[]): AnswerOf<M> | undefined {
    this.calls.push({ member, args, at: this.time.clock.now() });
    return (this.once.get(member)?.shift() ?? this.standing.get(member)) as AnswerOf<M> | undefined;
  }

  /** Answers as scripted, or by what the fake knows. */
  async answer<T>(member: BrokerMember, args: readonly unknown[], byDefault: () => T | Promise<T>): Promise<T> {
    const scripted = this.take(member, args) as Answer<readonly unknown[], T> | undefined;
    return scripted === undefined ? byDefault() : this.give(member, scripted, args, byDefault);
  }

  /** What comes back, once it is time. */
  async give<A extends readonly unknown[], T>(
    member: BrokerMember,
    answer: Answer<A, T>,
    args: A,
    byDefault: () => T | Promise<T>,
  ): Promise<T> {
    if (answer.silent === true) return new Promise(() => undefined);
    if (answer.delayMs !== undefined) await this.later(`the answer of ${member}`, answer.delayMs);
    if (answer.throws !== undefined) throw answer.throws;
    if ('value' in answer) return answer.value;
    return answer.reply === undefined ? byDefault() : answer.reply(...args);
  }

  /** Resolves at that time of the world; until then `what` is under way. */
  later(what: string, ms: number): Promise<void> {
    const mark = {};
    this.underWay.set(mark, what);
    return new Promise((resolve) =>
      this.time.after(ms, () => {
        this.underWay.delete(mark);
        resolve();
      }),
    );
  }

  /** A mistake of the test that shows while the bot asks: told to the test as well, because a bot survives it. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.mistakes.push(error as Error);
      throw error;
    }
  }

  /** Throws the first mistake that showed while the bot asked. */
  raise(): void {
    const mistake = this.mistakes.shift();
    if (mistake !== undefined) throw mistake;
  }

  /** Throws TEST-001 when something prepared was not used, or is still under way. */
  assertDone(): void {
    this.raise();
    const unused = [...this.once].flatMap(([member, { length }]) => (length === 0 ? [] : `${length} of ${member}`));
    if (unused.length > 0)
      throw misuse(
        `Every scripted answer must be used, was not: ${unused.join(', ')}. Called: ${this.called()}.`,
        'Let the bot get there (another cycle, more time), or leave the answer out.',
      );
    const [waiting] = this.underWay.values();
    if (waiting !== undefined)
      throw misuse(`Everything delayed must have arrived, was not: ${waiting}.`, 'Advance the time until it is there.');
  }

  called(): string {
    return this.calls.length === 0 ? 'nothing' : [...new Set(this.calls.map(({ member }) => member))].join(', ');
  }
}
