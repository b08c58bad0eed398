// Writes docs/screenshots/overview-{desktop,mobile}-{light,dark}.png and sources-desktop-light.png
// from a running daemon.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, open, openOverview, PHONE, WIDE } from './browser.mjs';
import { Daemon } from './daemon.mjs';

const WARM_UP_MS = Number(process.env.WARM_UP_MS ?? 60_000); // so that the chart has something to show
const CALM_MS = 90_000;
const out = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));

mkdirSync(out, { recursive: true });
const daemon = await Daemon.start();
const browser = await launch();
try {
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  for (const theme of ['light', 'dark']) {
    for (const [name, viewport] of [
      ['desktop', WIDE],
      ['mobile', PHONE],
    ]) {
      const page = await openOverview(browser, daemon.url, { theme, viewport, zone: 'UTC' });
      await page.waitForTimeout(1_500);
      // The browser's own start is a load: wait for a calm picture, if there comes one.
      await page
        .locator('.verdict .vi.healthy')
        .waitFor({ timeout: CALM_MS })
        .catch(() => console.error(`${name}, ${theme}: this machine was not calm`));
      await page.screenshot({ path: `${out}overview-${name}-${theme}.png`, fullPage: name === 'desktop' });
      await page.context().close();
    }
  }
  const page = await open(browser, daemon.url, { hash: '#/sources', zone: 'UTC', ready: '.panels' });
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: `${out}sources-desktop-light.png`, fullPage: true });
} finally {
  await browser.close();
  await daemon.stop();
}
