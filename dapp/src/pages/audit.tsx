/** */
export function AuditPage() {
  return <main id="main" />;
}
