import { injectable } from 'inversify';
import { inject } from '../injection/inject.js';
import { ConfigController } from '../ports/configuration/settings/config-controller.js';
import type { OperatorRequest, OperatorRequests } from '../ports/storage/operator-requests.js';
import { RequestsFolder } from './requests-folder.js';

/** Requests in the directory of the journal; a bot whose journal is in memory has no place where any could wait. */
@injectable()
export class DirectoryOperatorRequests implements OperatorRequests {
  private readonly folder: RequestsFolder | undefined;

  constructor(@inject(ConfigController) config: ConfigController) {
    const { driver, directory } = config.current.storage;
    this.folder = driver === 'memory' || directory === undefined ? undefined : new RequestsFolder(directory);
  }

  waiting(): readonly OperatorRequest[] {
    return this.folder?.list() ?? [];
  }

  done(request: OperatorRequest): void {
    this.folder?.remove(request.id);
  }
}
