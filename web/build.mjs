// Bundles the dashboard: node build.mjs [--out DIR] [--stamp FILE --depfile FILE]
//
// Leaves DIR/index.html and assets whose names carry a hash of their content.  With
// --stamp it is a build step of Meson: it fetches the packages when the lock file is
// newer than what is installed, and writes what it read into the depfile.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const { values: args } = parseArgs({
  options: {
    out: { type: 'string', default: join(here, 'dist') },
    stamp: { type: 'string' },
    depfile: { type: 'string' },
  },
});
const out = resolve(args.out);

function packagesAreCurrent() {
  const installed = join(here, 'node_modules/.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(here, 'package-lock.json')).mtimeMs
  );
}

if (args.stamp && !packagesAreCurrent()) {
  // What npm says belongs on stderr: stdout is the build's.
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, stdio: ['ignore', 2, 2] });
}

const { build } = await import('esbuild');

async function bundle() {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const result = await build({
    absWorkingDir: here,
    entryPoints: { app: 'src/main.tsx', mark: 'assets/mark.svg' },
    outdir: out,
    entryNames: '[name].[hash]',
    assetNames: '[name].[hash]',
    bundle: true,
    minify: true,
    format: 'iife',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.woff2': 'file', '.svg': 'copy' },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return result.metafile;
}

function writeIndex(metafile) {
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const named = (pattern) => names.find((name) => pattern.test(name));
  const page = readFileSync(join(here, 'src/index.html'), 'utf8')
    .replaceAll('{{js}}', named(/^app\..*\.js$/))
    .replaceAll('{{css}}', named(/^app\..*\.css$/))
    .replaceAll('{{font}}', named(/^inter\..*\.woff2$/))
    .replaceAll('{{mark}}', named(/^mark\..*\.svg$/));
  writeFileSync(join(out, 'index.html'), page);
}

function writeDepfile(metafile) {
  const inputs = [
    ...Object.keys(metafile.inputs).map((path) => join(here, path)),
    join(here, 'src/index.html'),
    join(here, 'package-lock.json'),
    join(here, 'build.mjs'),
  ];
  const escaped = inputs.map((path) => path.replaceAll(' ', '\\ '));
  writeFileSync(args.depfile, `${relative(process.cwd(), args.stamp)}: ${escaped.join(' \\\n  ')}\n`);
}

const metafile = await bundle();
writeIndex(metafile);
if (args.depfile) writeDepfile(metafile);
if (args.stamp) writeFileSync(args.stamp, '');
