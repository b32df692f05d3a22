/** Whatever a scenario finds that no venue may do. */
class NotConforming extends Error {
  override readonly name = 'NotConforming';
}

export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new NotConforming(message);
}

/** Decimals by their text. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [is, must] = [textOf(actual), textOf(expected)];
  expectThat(is === must, `${what} must be ${must}, was ${is}.`);
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** The error that it rejects with. */
export async function expectRefusal(asked: Promise<unknown>, what: string): Promise<Error> {
  let error: unknown;
  try {
    await asked;
  } catch (thrown) {
    error = thrown;
  }
  expectThat(error instanceof Error, `${what} must be refused with an error, and is not.`);
  return error;
}

/** That of a member which the venue lacks. */
export async function expectLacking(asked: Promise<unknown>, what: string): Promise<void> {
  const error = await expectRefusal(asked, what);
  expectSame((error as { readonly code?: unknown }).code, 'VENUE-003', `The code of the refusal of ${what}`);
}
