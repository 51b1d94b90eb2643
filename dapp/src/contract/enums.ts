/** The contract's enumerations: each word of the API at the contract's number for it. */
export const MODES = ["webrtc", "broadcast"] as const;
export const STATUSES = [null, "pending", "active", "ended"] as const;
export const END_REASONS = [null, "host", "expired", "unfulfilled", "declined", "taken_down"] as const;

export type Mode = (typeof MODES)[number];
export type Status = NonNullable<(typeof STATUSES)[number]>;
export type EndReason = NonNullable<(typeof END_REASONS)[number]>;
