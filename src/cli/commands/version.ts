import type { CommandSpec } from '../command.js';

export const version: CommandSpec = {
  name: 'version',
  summary: 'Version of the program and of its runtime.',
  example: 'version --json',
  kind: 'version',
  flags: [],
  needs: 'shell',
  async run({ shell }) {
    const { version: number, commit, node } = shell.build;
    return {
      kind: 'version',
      data: { version: number, commit: commit ?? null, node },
      text: `perpsbot ${number}${commit === undefined ? '' : ` (${commit})`} on Node ${node}`,
    };
  },
};
