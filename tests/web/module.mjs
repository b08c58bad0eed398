// A module of web/src in this process: for what needs no browser.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const { build } = createRequire(new URL('../../web/package.json', import.meta.url))('esbuild');

export async function load(path) {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../../web/src/${path}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(
    'data:text/javascript;base64,' + Buffer.from(result.outputFiles[0].contents).toString('base64')
  );
}
