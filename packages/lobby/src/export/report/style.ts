/** The look of a report, on screens and on paper. No fonts and no pictures: the file stands alone. */
export const reportStyle = `
:root { color-scheme: light; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem; }
h1 { font-size: 1.6rem; margin: 0 0 0.75rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0 0 1rem; }
dt { color: #555; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 0.25rem 0.6rem; text-align: start; vertical-align: top; border-bottom: 1px solid #d9d9d9; overflow-wrap: anywhere; white-space: pre-line; }
thead th { border-bottom: 2px solid #1a1a1a; }
.n { text-align: end; font-variant-numeric: tabular-nums lining-nums; white-space: nowrap; overflow-wrap: normal; }
.d { font-variant-numeric: tabular-nums lining-nums; white-space: nowrap; }
.c { color: #555; font-size: 0.85em; }
table.totals { width: auto; margin-bottom: 1rem; }
@page { margin: 15mm; }
@media print {
  body { font-size: 9pt; }
  main { max-width: none; padding: 0; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  section + section { break-before: page; }
}
`
