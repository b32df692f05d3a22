/** Something a reader had to do that its user should know. */
export interface DataNote {
  readonly code: string;
  readonly message: string;
}

/** Funding stamps that fall due and whose rate nobody recorded, the first of them in epoch milliseconds. */
export const unknownRates = (count: number, firstAt: number): DataNote => ({
  code: 'W-FUND-002',
  message: `${count} funding ${count === 1 ? 'stamp has' : 'stamps have'} no known rate and ${count === 1 ? 'is' : 'are'} not paid, the first at ${new Date(firstAt).toISOString()}.`,
});
