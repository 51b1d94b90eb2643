/** Người xem phòng riêng. */
import type { privateRoom as en } from "./en-private";

export const privateRoom: typeof en = {
  playback: {
    checking: "Đang kiểm tra xem bạn có được vào xem không…",
    kinds: {
      invitation: {
        title: "Phòng chỉ dành cho người được mời",
        more: "Bạn cần đường dẫn do người phát gửi. Hãy mở đường dẫn đó bằng trình duyệt này.",
      },
      gate: {
        title: "Phòng chỉ dành cho người giữ token",
        more: "Hãy đăng nhập bằng ví đang giữ token, hoặc mở đường dẫn do người phát gửi.",
      },
    },
    token: "Hợp đồng của token:",
    invited: "Người phát mời bạn vào xem",
    invitedMore: "Bạn không cần có ví.",
    enter: "Vào phòng",
    attendance: (days) =>
      `Người phát biết bạn có mặt lúc nào, theo số trên đường dẫn hoặc địa chỉ ví của bạn. Thông tin này được giữ ${days} ngày rồi xoá. Người kiểm duyệt của đơn vị vận hành cũng xem được phòng này.`,
    attendanceSome:
      "Người phát biết bạn có mặt lúc nào, theo số trên đường dẫn hoặc địa chỉ ví của bạn. Thông tin này sẽ được xoá sau một thời gian. Người kiểm duyệt của đơn vị vận hành cũng xem được phòng này.",
    signIn: "Đăng nhập bằng ví",
    signInMore: "Bạn chỉ ký một đoạn văn bản. Đây không phải giao dịch và không mất phí gas.",
    signInAs: (address) => `Đăng nhập với ${address}`,
    hosts: "Người phát và người kiểm duyệt đăng nhập bằng ví của mình.",
    signing: "Hãy ký đoạn văn bản trong ví",
    signingMore: "Ký xong bạn mới vào được. Đoạn văn bản có hiệu lực trong năm phút.",
    signingAsked: "Đang chuẩn bị đoạn văn bản cần ký…",
    otherWallet: "Dùng ví khác",
    useHere: "Xem tại đây",
    asModerator: "Người kiểm duyệt",
    moderated: "Có người kiểm duyệt đang xem",
    asHost: "Người phát",
    none: "Không xem được phòng này tại đây",
    noneMore: "Trang này chưa có dịch vụ xem phòng riêng của đơn vị vận hành phòng.",
    away: {
      unreachable: {
        title: "Bạn chưa vào phòng được",
        more: "Dịch vụ kiểm tra quyền xem không phản hồi. Hãy kiểm tra kết nối mạng. Bạn sẽ tự động được vào.",
      },
      crowded: { title: "Đang có nhiều người vào phòng", more: "Bạn chờ một chút nhé. Bạn sẽ tự động được vào." },
      node: {
        title: "Hiện chưa tra cứu được blockchain",
        more: "Lúc này chưa kiểm tra được quyền xem của bạn. Bạn sẽ tự động được vào.",
      },
      broken: {
        title: "Dịch vụ kiểm tra quyền xem đang gặp sự cố",
        more: "Khi khắc phục xong, bạn sẽ tự động được vào.",
      },
    },
    refused: {
      "session-invalid": { title: "Bạn cần vào lại phòng", more: "Lượt vào trước của bạn không còn được chấp nhận." },
      "session-over": { title: "Lượt vào phòng của bạn đã hết hạn", more: "Hãy vào lại để xem tiếp." },
      "origin-refused": {
        title: "Phòng riêng không phát trên trang này",
        more: "Đơn vị vận hành chỉ cho phép xem trên trang của họ. Hãy mở đúng đường dẫn bạn nhận được.",
      },
      "proof-invalid": {
        title: "Chữ ký không khớp với ví của bạn",
        more: "Hãy ký lại bằng đúng tài khoản bạn đã chọn ở đây.",
      },
      "nonce-used": {
        title: "Đoạn văn bản không còn hiệu lực",
        more: "Mỗi đoạn chỉ dùng được một lần, trong năm phút. Hãy ký đoạn mới.",
      },
      "not-a-holder": {
        title: "Ví này không giữ token",
        more: "Hãy dùng ví đang giữ token. Nếu bạn vừa nhận được, hãy chờ giao dịch được xác nhận.",
      },
      lost: {
        title: "Bạn không còn giữ token",
        more: "Token đã được bán hoặc chuyển đi nên video đã dừng. Video sẽ tiếp tục nếu token trở lại ví này.",
      },
      "invitation-malformed": {
        title: "Đường dẫn này không đầy đủ",
        more: "Có lẽ nó đã bị cắt mất một phần khi gửi. Hãy nhờ người phát gửi lại.",
      },
      "invitation-invalid": {
        title: "Đường dẫn này không dùng được cho phòng này",
        more: "Hãy xin người phát đường dẫn mới.",
      },
      "invitation-early": { title: "Chưa đến giờ dùng đường dẫn này", more: "Đến giờ, bạn sẽ tự động được vào." },
      "invitation-over": { title: "Đường dẫn này đã hết hạn", more: "Hãy xin người phát đường dẫn mới." },
      "invitation-revoked": {
        title: "Người phát đã thu hồi đường dẫn này",
        more: "Nếu bạn nghĩ có nhầm lẫn, hãy hỏi người phát.",
      },
      "host-changed": {
        title: "Phòng này đã có người phát mới",
        more: "Đường dẫn của người phát cũ không còn dùng được. Hãy xin người phát mới.",
      },
      "host-must-return": {
        title: "Chờ người phát xác nhận các đường dẫn",
        more: "Dịch vụ vừa được thiết lập lại. Khi người phát mở trang của mình, bạn sẽ tự động được vào.",
      },
      "opened-elsewhere": {
        title: "Đã mở trên thiết bị khác",
        more: "Đường dẫn hoặc ví này đang được dùng ở nơi khác nên video ở đây đã dừng.",
      },
      "seats-taken": {
        title: "Đã hết chỗ",
        more: "Mọi chỗ của đường dẫn hoặc ví này đều có người. Khi có chỗ trống, bạn sẽ tự động được vào.",
      },
      "door-closed": {
        title: "Người phát đã đóng cửa phòng",
        more: "Chỉ người đang ở trong phòng mới xem được. Nếu cửa mở lại, bạn sẽ tự động được vào.",
      },
      "seat-removed": {
        title: "Người phát đã mời bạn ra khỏi phòng",
        more: "Nếu bạn nghĩ có nhầm lẫn, hãy hỏi người phát.",
      },
      "link-waits": {
        title: "Đang chờ người phát đồng ý",
        more: "Đường dẫn này đã được mở trên nhiều thiết bị. Khi người phát đồng ý, bạn sẽ tự động được vào.",
      },
      "room-unknown": { title: "Phòng chưa sẵn sàng", more: "Bạn sẽ tự động được vào." },
      "other-operator": {
        title: "Phòng này thuộc đơn vị vận hành khác",
        more: "Dịch vụ được cài đặt ở đây không cho ai vào phòng này được. Hãy báo cho đơn vị vận hành.",
      },
      "room-public": { title: "Phòng này mở cho mọi người", more: "Video sẽ tự bắt đầu." },
      "room-ended": { title: "Phòng này đã kết thúc", more: "Ở đây không còn gì để xem nữa." },
      other: { title: "Hiện bạn chưa vào được", more: "Đang thử lại…" },
    },
    opens: (when) => `Bạn vào được từ ${when}.`,
    openWindow: "Đăng nhập trong cửa sổ mới",
    openWindowMore: "Sau đó video sẽ phát ngay tại đây.",
    openedWindow: "Hãy tiếp tục trong cửa sổ vừa mở",
    openPage: "Mở trang của phòng",
    locked: "Trang web này khoá kín trình phát",
    lockedMore: "Trong khung như vậy, không ai đăng nhập được. Hãy xem trên trang riêng của phòng.",
    recordingsMore: "Chỉ người được xem phòng này mới phát được bản ghi hình.",
    noRecordings: "Phòng này không có bản ghi hình nào.",
    handedOver: "Bạn đã vào được. Bạn có thể đóng cửa sổ này.",
  },
};
