// The first line that a process writes opens its pipe, which then stays: whoever comes to write it is no leak.
if (!process.stdout.writable || !process.stderr.writable) throw new Error('A test must have somewhere to write to.');

/**
 * What keeps the process alive now and did not before. What the test runner itself let go of meanwhile is not counted:
 * only something added is a leak.
 */
export function added(before: readonly string[], ignored: readonly string[] = []): string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((kind) => {
    const at = known.indexOf(kind);
    if (at >= 0) known.splice(at, 1);
    return at < 0 && !ignored.includes(kind);
  });
}
