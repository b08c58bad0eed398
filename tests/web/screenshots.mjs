// Writes docs/screenshots/{overview,forecast}-{desktop,mobile}-{light,dark}.png and
// sources-desktop-light.png from a running daemon.  ONLY=forecast leaves the others as they are.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch, open, openOverview, PHONE, WIDE } from './browser.mjs';
import { Daemon } from './daemon.mjs';
import { realSeries, startWithPast } from './past.mjs';

const WARM_UP_MS = Number(process.env.WARM_UP_MS ?? 60_000); // so that the chart has something to show
const CALM_MS = 90_000;
const out = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));

const SIZES = [
  ['desktop', WIDE],
  ['mobile', PHONE],
];

mkdirSync(out, { recursive: true });
const browser = await launch();

/** Bicycles hired by the hour stand for orders: two rushes on working days, one hill on the others. */
async function pictureForecast() {
  const rows = realSeries('operations_hourly', 'bikeshare_dc');
  const daemon = await startWithPast(
    [{ service: 'order-gateway', resource_type: 'API_CALLS', rows, capacity: 1400 }],
    [...Array(12).keys()].map((i) => 50 - 4 * i).filter((hours) => hours > 1),
  );
  try {
    for (const theme of ['light', 'dark'])
      for (const [name, viewport] of SIZES) {
        const hash = '#/forecast?to=now%2B3d&tz=utc';
        const page = await open(browser, daemon.url, { hash, theme, viewport, ready: '.fan .u-over' });
        await page.locator('.week').waitFor();
        await page.locator('.accuracy .judged').waitFor();
        await page.waitForTimeout(500);
        await page.screenshot({ path: `${out}forecast-${name}-${theme}.png`, fullPage: name === 'desktop' });
        await page.context().close();
      }
  } finally {
    await daemon.stop();
  }
}

async function pictureHost() {
  const daemon = await Daemon.start();
  try {
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    for (const theme of ['light', 'dark']) {
      for (const [name, viewport] of SIZES) {
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
    await daemon.stop();
  }
}

try {
  if (process.env.ONLY !== 'forecast') await pictureHost();
  await pictureForecast();
} finally {
  await browser.close();
}
