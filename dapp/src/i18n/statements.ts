/** The sentences that a wallet shows and signs. They are part of the signature: docs/page.md. */
import type { Language } from "./index";

export const STATEMENTS: Record<
  Language,
  Record<"invite" | "withdraw", Record<"room" | "class", (id: string) => string>>
> = {
  en: {
    invite: {
      room: (id) => `Let this browser invite people to my room ${id}.`,
      class: (id) => `Let this browser invite people to the rooms of my class ${id}.`,
    },
    withdraw: {
      room: (id) => `Withdraw invitations to my room ${id}.`,
      class: (id) => `Withdraw invitations to the rooms of my class ${id}.`,
    },
  },
  vi: {
    invite: {
      room: (id) => `Cho phép trình duyệt này mời người vào phòng ${id} của tôi.`,
      class: (id) => `Cho phép trình duyệt này mời người vào các phòng thuộc lớp ${id} của tôi.`,
    },
    withdraw: {
      room: (id) => `Thu hồi lời mời vào phòng ${id} của tôi.`,
      class: (id) => `Thu hồi lời mời vào các phòng thuộc lớp ${id} của tôi.`,
    },
  },
};
