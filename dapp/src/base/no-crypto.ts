/** Stands in for Node's "crypto", which @hpke/core asks for only where WebCrypto is missing. */
export const webcrypto = undefined;
