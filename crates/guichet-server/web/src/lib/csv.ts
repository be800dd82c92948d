/** A field that a spreadsheet reads as text, and never as a formula. */
function field(value: unknown): string {
  let text = value === null || value === undefined ? '' : String(value);
  if (/^[=@\t\r]|^[+-](?!\d)/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands a table over as a file: RFC 4180, with the mark that lets spreadsheets read Chinese. */
export function saveCsv(name: string, head: readonly string[], rows: readonly (readonly unknown[])[]) {
  const text = [head, ...rows].map((row) => row.map(field).join(',')).join('\r\n');
  const url = URL.createObjectURL(new Blob(['\ufeff', text, '\r\n'], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
