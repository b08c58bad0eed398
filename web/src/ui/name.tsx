// A service's name.  Where room is short the end is kept: "prod-eu/pay…/ledger-writer" differs there.
export function Name({ of }: { of: string }) {
  const cut = of.lastIndexOf('/') + 1;
  return (
    <span class="name" title={of}>
      {cut > 0 && <span class="nq">{of.slice(0, cut)}</span>}
      <span class="nl">{of.slice(cut)}</span>
    </span>
  );
}
