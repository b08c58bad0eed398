// Loadline's mark.
export function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6.5" fill="var(--text)" />
      <path
        d="M5.5 6.2h13"
        stroke="var(--surface)"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-dasharray="2.2 2.6"
      />
      <rect x="5.5" y="13.2" width="3.2" height="5.3" rx="1" fill="var(--surface)" />
      <rect x="10.4" y="10.6" width="3.2" height="7.9" rx="1" fill="var(--surface)" />
      <rect x="15.3" y="12" width="3.2" height="6.5" rx="1" fill="var(--surface)" opacity=".55" />
    </svg>
  );
}
