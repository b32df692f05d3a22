import type { AnswerTape, TapedDecision } from './taped-decision.js';

/** Answers up to an instant. The first one after it ends the run: nothing of what is still to come is looked at. */
export class PartTape implements AnswerTape {
  readonly answers: TapedDecision[] = [];
  private readonly over = new AbortController();

  constructor(private readonly until: number) {}

  get signal(): AbortSignal {
    return this.over.signal;
  }

  push(answer: TapedDecision): void {
    if (answer.at > this.until) this.over.abort();
    else this.answers.push(answer);
  }
}
