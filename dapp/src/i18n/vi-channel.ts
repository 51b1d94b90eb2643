/** Tiếng Việt: kênh của một người phát. */
import type { channel as en } from "./en-channel";

export const channel: typeof en = {
  channel: {
    liveNow: "Đang phát trực tiếp",
    next: "Buổi sắp tới",
    last: "Phòng gần đây nhất",
    openNow: "Đang mở",
    watch: "Xem ngay",
    openRoom: "Vào phòng",
    calendar: "Thêm vào lịch",
    upcoming: "Các buổi sau đó",
    nothing: "Hiện chưa có buổi nào được lên lịch. Khi người này phát, phòng sẽ tự hiện ở đây.",
    unknown: "Người này chưa có phòng nào",
    unknownMore: "Hãy hỏi lại người đã gửi đường dẫn cho bạn. Phòng mới sẽ tự hiện ở đây.",
    yours:
      "Đây là kênh của bạn. Chỉ cần gửi đường dẫn này một lần: mở ra là thấy phòng bạn đang phát hoặc buổi sắp tới.",
    presenceUnknown: "Hiện chưa rõ người này có đang phát không. Bạn vào phòng để xem nhé.",
    share: "Chia sẻ kênh này",
  },
};
