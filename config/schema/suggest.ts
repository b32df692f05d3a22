/** A name without the spelling that differs by habit: case, underscores, hyphens. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[_\-\s]/g, '');

/** The candidate a person probably meant, or undefined when none is close. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plainName(name);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const plain = plainName(candidate);
    const partOf = wanted.length >= 5 && plain.includes(wanted);
    const distance = partOf ? Math.min(2, distanceBetween(wanted, plain)) : distanceBetween(wanted, plain);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits between two words: insertion, deletion, replacement, or two neighbours swapped (Damerau, restricted). */
function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let cost = Math.min(replaced, at(last, column) + 1, at(line, column - 1) + 1);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(before, column - 2) + 1);
      }
      line.push(cost);
    }
    before = last;
    last = line;
  }
  return at(last, b.length);
}

const at = (line: readonly number[], index: number): number => line[index] ?? Number.POSITIVE_INFINITY;
