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

/**
 * The same for items that belong together: a unit that fits a parcel is never parted, and one that is larger begins one
 * of its own.
 */
export function unitsInParcels<T>(units: readonly (readonly T[])[], most: number): readonly (readonly T[])[] {
  const parcels: T[][] = [];
  for (const unit of units) {
    const last = parcels.at(-1);
    if (last !== undefined && last.length + unit.length <= most) last.push(...unit);
    else for (const parcel of parcelsOf(unit, most)) parcels.push([...parcel]);
  }
  return parcels;
}
