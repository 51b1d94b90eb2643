/** Wei in the units that people say. */
export const ETHER_DECIMALS = 18;
export const ETHER = 10n ** BigInt(ETHER_DECIMALS);
export const GWEI = 10n ** 9n;

/** Wei as ether, without needless zeros. */
export function ether(wei: bigint): string {
  const rest = (wei % ETHER).toString().padStart(ETHER_DECIMALS, "0").replace(/0+$/, "");
  const whole = String(wei / ETHER);
  return rest === "" ? whole : `${whole}.${rest}`;
}
