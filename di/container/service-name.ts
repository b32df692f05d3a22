import type { ServiceIdentifier } from 'inversify';
import { tokenName } from '../../src/injection/token.js';

/** How a service is called in messages and in the graph. */
export const serviceName = (id: ServiceIdentifier): string =>
  typeof id === 'symbol' ? tokenName(id) : typeof id === 'string' ? id : id.name;
