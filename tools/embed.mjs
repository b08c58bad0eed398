// Makes one C file of the dashboard's files: node tools/embed.mjs DISTDIR OUT.c
//
// The same files always give the same output.  The interface is src/api/webapp.h.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MIME = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const HASHED_NAME = /\.[0-9A-Z]{8}\.[a-z0-9]+$/;
const PER_LINE = 24;

const [dist, out] = process.argv.slice(2);
if (!out) {
  console.error('usage: node tools/embed.mjs DISTDIR OUT.c');
  process.exit(2);
}

function gzip(raw) {
  const packed = gzipSync(raw, { level: 9 });
  packed[9] = 255; // the header names the system it was made on: say "unknown"
  return packed.length < raw.length * 0.95 ? packed : null;
}

function bytes(name, data) {
  const lines = [];
  for (let i = 0; i < data.length; i += PER_LINE) lines.push([...data.subarray(i, i + PER_LINE)].join(','));
  return `static const unsigned char ${name}[] = {\n${lines.join(',\n')}};\n`;
}

function asset(file, index) {
  const raw = readFileSync(join(dist, file));
  const mime = MIME[extname(file)];
  if (!mime) throw new Error(`${file}: no MIME type is known for its name`);
  const gz = gzip(raw);
  const etag = createHash('sha256').update(raw).digest('hex').slice(0, 24);
  const arrays = bytes(`raw_${index}`, raw) + (gz ? bytes(`gz_${index}`, gz) : '');
  const packed = gz ? `gz_${index}, sizeof(gz_${index})` : 'NULL, 0';
  const rest = `"${mime}", "\\"${etag}\\"", raw_${index}, sizeof(raw_${index}), ${packed}, ${HASHED_NAME.test(file)}`;
  return { arrays, row: `    {"/${file}", ${rest}},` };
}

const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0); // not the locale's order
const assets = readdirSync(dist).sort(byName).map(asset);

writeFileSync(
  out,
  `/* Made by tools/embed.mjs: do not edit. */
#include "api/webapp.h"

${assets.map((a) => a.arrays).join('\n')}
const struct ll_webapp_asset ll_webapp_assets[] = {
${assets.map((a) => a.row).join('\n')}
};
const size_t ll_webapp_assets_n = sizeof(ll_webapp_assets) / sizeof(ll_webapp_assets[0]);
`,
);
