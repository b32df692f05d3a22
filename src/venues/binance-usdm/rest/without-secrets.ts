/** Keys, signatures and listen keys of the venue are 64 letters and digits; no name of an order is longer than 36. */
const LONG_RUN = /[A-Za-z0-9]{40,}/g;

/**
 * Words of somebody else as they may be told: what was sent to be kept to ourselves is not in them. A page of an error,
 * or a way that has lost a request, may repeat it: its headers, how it was signed, and where it listens.
 */
export const withoutSecrets = (words: string, secrets: readonly string[] = []): string =>
  secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), words)
    .replaceAll(/signature=\w+/g, 'signature=***')
    .replaceAll(LONG_RUN, '***');
