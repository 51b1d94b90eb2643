/**
 * Where something plays. Of a private room the address holds a token, which is another one every few
 * minutes; of a public room it stays as it is.
 */
export interface PlayAddress {
  /** What to open now; `refused`: the server refused the last one. Throws where none is to be had. */
  fresh(refused: boolean): Promise<string>;
  /** `url`, which was made of an address like this one, as it must be asked for now. */
  present(url: string): string;
  /** `changed` hears of each new token until the answered function is called. */
  follow(changed: () => void): () => void;
}

export const fixedAddress = (url: string): PlayAddress => ({
  fresh: async () => url,
  present: (asked) => asked,
  follow: () => () => {},
});
