import process from 'node:process';
import { injectable } from 'inversify';
import { fault, PerpsBotError, type Problem } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { Redactor } from '../../ports/configuration/redactor.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { Secret } from '../../ports/configuration/secret.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { SecretSource, VenueSettings } from '../../ports/configuration/settings/venue-settings.js';
import { VENUE_SECRETS, type VenueCredentials, type VenueKey } from '../../ports/configuration/venue-credentials.js';
import { secretFromCommand } from './secret-command.js';
import { readSecretFile } from './secret-file.js';
import { checkedSecret } from './secret-text.js';

type Environment = VenueSettings['environment'];
type Name = keyof VenueKey;

/** The variables of the process, then the file or the command that the configuration names. */
@injectable()
export class ConfiguredVenueCredentials implements VenueCredentials {
  private readonly held = new Map<Environment, Promise<VenueKey>>();

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(Redactor) private readonly redactor: Redactor,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
  ) {}

  async read(environment: Environment): Promise<VenueKey> {
    const { venue } = this.config.current;
    if (venue.environment !== environment)
      throw fault(
        'CFG-006',
        `The venue's key is for ${venue.environment} and must not go to hosts of ${environment}.`,
        {
          where: 'venue.environment',
          why: 'What is signed for one may be used at the other, where the money may be real.',
          fix: `Set venue.environment: ${environment} and give the key of that, or correct venue.restUrl and venue.streamUrl.`,
        },
      );
    const known = this.held.get(environment);
    if (known !== undefined) return known;
    const reading = this.both(venue);
    this.held.set(environment, reading);
    // What failed is tried again by whoever asks again.
    reading.catch(() => this.held.delete(environment));
    return reading;
  }

  /** One after the other: what guards keys may ask its owner, and asks for one thing at a time. */
  private async both(venue: VenueSettings): Promise<VenueKey> {
    const errors: PerpsBotError[] = [];
    const one = async (name: Name): Promise<Secret> => {
      try {
        return await this.secret(name, venue[name]);
      } catch (error) {
        if (!PerpsBotError.is(error)) throw error;
        errors.push(error);
        return new Secret('');
      }
    };
    const key = { apiKey: await one('apiKey'), apiSecret: await one('apiSecret') };
    const [first, second] = errors;
    if (first === undefined) return key;
    throw second === undefined ? first : together(first, second);
  }

  private async secret(name: Name, source: SecretSource = {}): Promise<Secret> {
    const { text, where } = await this.find(name, source);
    // Before it is looked at: an error about it goes through the redactor as well.
    this.redactor.register(text);
    const secret = checkedSecret(text, { name: `venue.${name}`, where });
    this.redactor.register(secret);
    return new Secret(secret);
  }

  private async find(name: Name, source: SecretSource): Promise<{ readonly text: string; readonly where: string }> {
    const { env } = process;
    const setting = `venue.${name}`;
    const variable = VENUE_SECRETS[name];
    const [given, path] = [env[variable], env[`${variable}_FILE`]];
    if (given !== undefined && path !== undefined)
      throw fault('CFG-006', `${variable} and ${variable}_FILE must not both be set.`, { fix: 'Unset one of them.' });
    if (given !== undefined) return { text: given, where: `environment variable ${variable}` };
    if (path !== undefined) {
      const where = `environment variable ${variable}_FILE`;
      return { text: await readSecretFile(path, { name: setting, where }), where };
    }
    if (source.file !== undefined) {
      const where = `${setting}.file`;
      return { text: await readSecretFile(source.file, { name: setting, where }), where };
    }
    if (source.command !== undefined) {
      const where = `${setting}.command`;
      const terms = { name: setting, where, env: withoutSecrets(env), scheduler: this.scheduler };
      return { text: await secretFromCommand(source.command, terms), where };
    }
    throw fault('CFG-009', `${setting} must be given, and is not.`, {
      where: setting,
      fix: `Set ${variable} or ${variable}_FILE, or name a file or a command under ${setting}.`,
    });
  }
}

/** A command that finds one secret is not handed the other. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.values(VENUE_SECRETS);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.some((secret) => name.startsWith(secret))));
}

function together(first: PerpsBotError, second: PerpsBotError): PerpsBotError {
  const problems = [first, second].map(({ code, message, where, fix }): Problem => ({
    code,
    message,
    ...(where !== undefined && { where }),
    ...(fix !== undefined && { fix }),
  }));
  return fault(first.code, `${first.message} ${second.message}`, { problems });
}
