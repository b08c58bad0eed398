// Prints what the page weighs, gzipped, and fails above the budget: node size.mjs [DIR]
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120 * 1024;
const dist = process.argv[2] ?? fileURLToPath(new URL('dist/', import.meta.url));

let total = 0;
for (const name of readdirSync(dist).sort()) {
  const bytes = gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1024).toFixed(1).padStart(7)} KB  ${name}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  in all, of ${BUDGET_BYTES / 1024} KB`);
process.exitCode = total > BUDGET_BYTES ? 1 : 0;
