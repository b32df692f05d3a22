/** In rows of at most so many, in the order given. */
export function parcelsOf<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const parcels: T[][] = [];
  for (const item of items) {
    const last = parcels.at(-1);
    if (last === undefined || last.length >= most) parcels.push([item]);
    else last.push(item);
  }
  return parcels;
}
