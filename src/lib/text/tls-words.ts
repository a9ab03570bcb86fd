const UNKNOWN_AUTHORITIES: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const WORDS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "its certificate has expired"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet: is the clock of this machine right?"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "it does not speak TLS on this port"],
]);

/**
 * What a code of Node.js or OpenSSL says of another machine's TLS, in words that follow its name.
 * @param remedy where the certificate of an authority of one's own goes: behind the words for one that is not known
 * @returns `null`: it is none of those that are told in words
 */
export const tlsWords = (code: string, remedy: string): string | null =>
  UNKNOWN_AUTHORITIES.has(code)
    ? `its certificate is not from an authority that is trusted here${remedy}`
    : (WORDS.get(code) ?? null);
