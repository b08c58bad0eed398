// Hands the reader a file of what is on screen.
function field(value: string | number | null | undefined): string {
  const text = value == null ? '' : String(value);
  // A leading = + - @ would be a formula to a spreadsheet.
  const safe = typeof value === 'string' && /^[=+\-@\t]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function download(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function downloadCsv(name: string, rows: (string | number | null | undefined)[][]): void {
  const text = rows.map((row) => row.map(field).join(',')).join('\r\n') + '\r\n';
  download(name, new Blob([text], { type: 'text/csv' }));
}
