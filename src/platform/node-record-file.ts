import { open, type FileHandle } from 'node:fs/promises';
import { fault } from '../domain/errors.js';
import { pathFault } from '../flow/path-fault.js';

/** A file that one run writes, without anybody waiting for the disk. */
export class NodeRecordFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Throws STORE-003 where it cannot be made, and where one stands already that nobody gave away (`overwrite`). */
  static async open(path: string, overwrite: boolean): Promise<NodeRecordFile> {
    try {
      return new NodeRecordFile(path, await open(path, overwrite ? 'w' : 'wx'));
    } catch (cause) {
      if ((cause as { readonly code?: unknown }).code === 'EEXIST')
        throw fault('STORE-003', `${path} must not be there yet, and is.`, {
          where: path,
          fix: 'Name another file, or add --overwrite.',
        });
      throw pathFault({ must: `${path} must be a file that can be written`, where: path, code: 'STORE-003' }, cause);
    }
  }

  async append(text: string): Promise<void> {
    try {
      await this.handle.appendFile(text);
    } catch (cause) {
      throw this.failed(cause);
    }
  }

  async close(): Promise<void> {
    try {
      await this.handle.sync();
    } catch (cause) {
      throw this.failed(cause);
    } finally {
      await this.handle.close();
    }
  }

  private failed(cause: unknown): Error {
    return pathFault({ must: `${this.path} must be writable`, where: this.path, code: 'STORE-004' }, cause);
  }
}
