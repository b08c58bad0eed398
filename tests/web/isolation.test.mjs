// No request leaves the origin, the policy is strict and nothing offends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openOverview, PHONE, TABS } from './browser.mjs';
import { Daemon } from './daemon.mjs';

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'self'",
];
let daemon;
let browser;

before(async () => {
  daemon = await Daemon.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** Touches everything that draws, styles or loads. */
async function tour(page) {
  for (const key of ['d', 'z', 't', '.', '.', '/']) await page.keyboard.press(key);
  await page.keyboard.type('ho');
  await page.keyboard.press('Escape');
  await page.locator('.fleet figure').focus();
  for (const key of ['ArrowLeft', 'PageUp', '+', '0', 't']) await page.keyboard.press(key);
  await page.waitForSelector('.fleet .dt tbody tr');
  await page.locator('.fleet .u-over').hover();
  await page.waitForSelector('.fleet .tip:not([hidden])');
  await page.locator('.hm button.cell').first().click();
  await page.waitForSelector('.drw .u-over');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.pal[open]');
  await page.keyboard.type('host');
  await page.waitForSelector('.pal .it b');
  await page.keyboard.press('Escape');
  await page.evaluate(() => (location.hash = '#/sources'));
  await page.waitForSelector('h1:text-is("Sources and discovery")');
  for (const tab of [...TABS].reverse()) await page.evaluate((id) => (location.hash = `#/${id}`), tab);
  await page.waitForSelector('.fleet .u-over');
}

test('a tour of the page asks this origin only and breaks no policy', async () => {
  for (const viewport of [undefined, PHONE]) {
    const page = await openOverview(browser, daemon.url, { viewport });
    await tour(page);
    await page.waitForTimeout(1_500); // reports come late
    assert.deepEqual(page.faults, []);
    const origin = new URL(daemon.url).origin;
    const foreign = page.visited.filter(
      (url) => !url.startsWith('blob:') && !url.startsWith('data:') && new URL(url).origin !== origin,
    );
    assert.deepEqual(foreign, []);
    assert.ok(
      page.visited.some((url) => url.endsWith('.woff2')),
      'the font was not asked for',
    );
    await page.context().close();
  }
});

test('the test would notice an offence', async () => {
  const page = await openOverview(browser, daemon.url);
  await page.evaluate(() => document.body.setAttribute('style', 'color:red'));
  await page.waitForTimeout(500);
  assert.ok(
    page.faults.some((fault) => fault.startsWith('CSP: style-src')),
    'an inline style went unnoticed',
  );
});

test('the page is served with the strict policy', async () => {
  const response = await fetch(daemon.url);
  const policy = (response.headers.get('content-security-policy') ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter(Boolean);
  for (const directive of CSP) assert.ok(policy.includes(directive), `${directive} is not in: ${policy}`);
  const more = policy.filter((directive) => !CSP.includes(directive));
  assert.ok(more.every((directive) => / 'none'$/.test(directive)), `the policy also allows: ${more}`);
  assert.match(response.headers.get('content-type'), /^text\/html/);
});
