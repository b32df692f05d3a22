import { fault } from '../../domain/errors.js';

/** Where the venue is spoken to. */
export interface UsdmHosts {
  readonly restUrl: string;
  readonly streamUrl: string;
  /** Where a key's permissions are told; absent: nowhere. */
  readonly permissionsUrl?: string;
  /** `live`: real money trades there. */
  readonly environment: 'live' | 'testnet';
}

/** Source: Binance, "USDⓈ-M Futures, General Info" and its notice on the base addresses of streams. */
const PRODUCTION = { restUrl: 'https://fapi.binance.com', streamUrl: 'wss://fstream.binance.com' };
/** Source: Binance, "Wallet, Get API Key Permission". */
const PERMISSIONS = 'https://api.binance.com';
const DEMO = { restUrl: 'https://demo-fapi.binance.com', streamUrl: 'wss://demo-fstream.binance.com' };

export interface UsdmHostTerms {
  readonly environment: 'live' | 'testnet';
  readonly restUrl?: string | undefined;
  readonly streamUrl?: string | undefined;
}

/**
 * Hosts by environment, each replaceable. What is not the venue's production is `testnet` whatever was asked for, and
 * production is never reached as a testnet: throws CFG-006.
 */
export function usdmHosts({ environment, restUrl, streamUrl }: UsdmHostTerms): UsdmHosts {
  const usual = environment === 'live' ? PRODUCTION : DEMO;
  const hosts = { restUrl: trimmed(restUrl ?? usual.restUrl), streamUrl: trimmed(streamUrl ?? usual.streamUrl) };
  const live = [isProduction(hosts.restUrl, PRODUCTION.restUrl), isProduction(hosts.streamUrl, PRODUCTION.streamUrl)];
  if (live[0] !== live[1] || (live[0] === true && environment !== 'live'))
    throw fault('CFG-006', `${hosts.restUrl} and ${hosts.streamUrl} must belong to one environment, ${environment}.`, {
      fix: 'Set venue.environment, venue.restUrl and venue.streamUrl to one and the same.',
    });
  return live[0] === true
    ? { ...hosts, environment: 'live', permissionsUrl: PERMISSIONS }
    : { ...hosts, environment: 'testnet' };
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');
const isProduction = (url: string, production: string): boolean =>
  URL.canParse(url) && new URL(url).hostname === new URL(production).hostname;
