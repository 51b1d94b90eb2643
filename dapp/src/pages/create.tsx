/** */
export function CreatePage() {
  return <main id="main" />;
}
