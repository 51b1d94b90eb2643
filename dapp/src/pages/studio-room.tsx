/** */
export function StudioRoomPage(_: { id: string }) {
  return <main id="main" />;
}
