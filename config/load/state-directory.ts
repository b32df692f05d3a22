import { isAbsolute, join, resolve } from 'node:path';

/** One directory per profile for everything a bot writes. */
export const defaultDirectory = (profile: string): string => join('var', 'data', 'perps_bot', profile);

/** Absolute, as every part names it. */
export function directoryOf(directory: string | undefined, profile: string, cwd: string): string {
  const named = directory ?? defaultDirectory(profile);
  return isAbsolute(named) ? named : resolve(cwd, named);
}
