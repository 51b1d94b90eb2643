/** */
export function AuditRoomPage(_: { id: string }) {
  return <main id="main" />;
}
