import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

/** Made for this test alone: an authority whose key is gone, and two that it vouches for. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIUKiRLzZLmtluhGPUnHRQqH75Nox8wCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTMwMTQ0OTE4WhgPMjEy
NjExMDYxNDQ5MThaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEp/1QgRDCn+QRcSWUaRUNpoHCtXxdKtSatcJc9fqW
4CpzsD6VGYJu7lHbo3MVfHJ8arLFHq01ULIZM+LZS6OFoaNTMFEwHQYDVR0OBBYE
FKYu5plwiXyH6G03MeaFOCngoYg+MB8GA1UdIwQYMBaAFKYu5plwiXyH6G03MeaF
OCngoYg+MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOVYK+/9
+GHtVxZiQu3qxYdjjEyN3lhCcl27FrXrO9ynAiAR/ucLJ08qsvJ4Yz9uyCx59474
OwMxyAStbquJy4i68A==
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIOQuqdV/L/mTLDxkErTpjoLjokR0RCjGPLc44OAvPfpKoAoGCCqGSM49
AwEHoUQDQgAEbEa3jvowncTvCxYYGGCet4fi5oZQR/A2cZXKLmbcA76Rgs1Vne0r
xcewDUnIz2uEwZbS96t1HDaJJyROKd9n6g==
-----END EC PRIVATE KEY-----`;
/** Of another host. */
const OTHER = `-----BEGIN CERTIFICATE-----
MIIBjDCCATGgAwIBAgIUc8a9wolpwJre4OfwrGntt7qf4pUwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTMwMTQ0OTE4WhgPMjEy
NjExMDYxNDQ5MThaMBUxEzARBgNVBAMMCm90aGVyLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARsRreO+jCdxO8LFhgYYJ63h+LmhlBH8DZxlcouZtwDvpGC
zVWd7SvFx7ANScjPa4TBltL3q3UcNoknJE4p32fqo1kwVzAVBgNVHREEDjAMggpv
dGhlci50ZXN0MB0GA1UdDgQWBBRHnZ7ad9Pe22of5F/W2QLoRyQuozAfBgNVHSME
GDAWgBSmLuaZcIl8h+htNzHmhTgp4KGIPjAKBggqhkjOPQQDAgNJADBGAiEAm/gH
KyTZm3ZfvbzTcnXKapwkQ2x+Rh5Y1zd6E1o4LI4CIQDSdZyIqO7FkcTQhw6rolJX
RVwRtS/c4ubYjr5a7ks1Kg==
-----END CERTIFICATE-----`;
/** Of this one, over since 2021. */
const OVER = `-----BEGIN CERTIFICATE-----
MIIBcDCCARWgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA50ZXN0IGF1
dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBaMBQxEjAQBgNV
BAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGxGt476MJ3E
7wsWGBhgnreH4uaGUEfwNnGVyi5m3AO+kYLNVZ3tK8XHsA1JyM9rhMGW0verdRw2
iSckTinfZ+qjUzBRMA8GA1UdEQQIMAaHBH8AAAEwHQYDVR0OBBYEFEedntp3097b
ah/kX9bZAuhHJC6jMB8GA1UdIwQYMBaAFKYu5plwiXyH6G03MeaFOCngoYg+MAoG
CCqGSM49BAMCA0kAMEYCIQCKrFdAPuo1lv1HFg0HHCDEps3NsfSFmEC4/3t1JR8V
KwIhAOuHfVjzsCBbsqCne8tTxaYOlnSM9ZddgKL5sN4+wakH
-----END CERTIFICATE-----`;

const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
afterAll(() => rmSync(folder, { recursive: true }));

const listening = (server: Server): Promise<number> =>
  new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const MODULES = resolve('.cache/modules/src/platform');

/** Asks both ways, in a process that believes the authority. */
const ASKS = `
import { HostTimers } from '${MODULES}/time/host-timers.js';
import { NodeHostClock } from '${MODULES}/time/node-host-clock.js';
import { NodeHttpClient } from '${MODULES}/transport/node-http-client.js';
import { NodeSocketClient } from '${MODULES}/transport/node-socket-client.js';
const timers = new HostTimers(new NodeHostClock());
const host = process.argv[1];
const sink = { message() {}, closed() {} };
const said = await Promise.all(
  [
    new NodeHttpClient(timers).request({ method: 'GET', url: 'https://' + host + '/', timeoutMs: 5000 }),
    new NodeSocketClient(timers).open('wss://' + host + '/', { timeoutMs: 5000 }, sink),
  ].map((asked) => asked.then(() => ['believed'], (error) => [error.reached, error.message])),
);
console.log(JSON.stringify(said));
process.exit(0);
`;

async function answers(
  cert: string,
): Promise<{ readonly said: unknown; readonly host: string; readonly asked: number }> {
  let asked = 0;
  const server = createServer({ key: KEY, cert }, (_request, response) => {
    asked += 1;
    response.end('{}');
  });
  const host = `127.0.0.1:${await listening(server)}`;
  const trusted = join(folder, 'authority.pem');
  writeFileSync(trusted, AUTHORITY);
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted };
  const args = ['--input-type=module', '-e', ASKS, host];
  const out = await new Promise<string>((done, fail) => {
    execFile(process.execPath, args, { env }, (error, stdout) => (error === null ? done(stdout) : fail(error)));
  });
  server.close();
  return { said: JSON.parse(out), host, asked };
}

describe('a certificate that somebody vouches for (NW-20)', () => {
  it.each([
    ['of another host', OTHER, /altnames|does not match/],
    ['that is over', OVER, /expired/],
  ])('is not believed when it is one %s: nothing is sent, and the host is named', async (_name, cert, why) => {
    const { said, host, asked } = await answers(cert);
    const words: unknown = expect.stringMatching(new RegExp(`${host}.*(${why.source})`));
    const request = ['no', words];
    const socket = ['maybe', words];
    expect([said, asked]).toEqual([[request, socket], 0]);
  });
});
