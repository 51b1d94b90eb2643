/** */
export function StudioPage() {
  return <main id="main" />;
}
