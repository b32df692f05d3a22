import { fault, type PerpsBotError } from '../domain/errors.js';

/** As `engines` in package.json has it. */
export const LEAST_NODE = '20.19';

/** PKG-002 for a Node that is too old to run this, undefined for any other. */
export function refusalOfNode(version: string): PerpsBotError | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return fault('PKG-002', `Node must be ${LEAST_NODE} or newer, was ${version}.`, {
    fix: 'Install Node 24, the release with long-term support.',
  });
}
