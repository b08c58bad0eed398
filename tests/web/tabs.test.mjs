// The tabs of a browser share one stream; one that nobody looks at lets go of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openOverview, until } from './browser.mjs';
import { Daemon } from './daemon.mjs';

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

const clients = async () => (await daemon.get('status')).stream.clients;
const itself = (page) => page.locator('.card:has(h2:text("Loadline itself")) .sub').innerText();

async function moves(page) {
  const before = await itself(page);
  await until('the page moves', 10_000, async () => (await itself(page)) !== before);
}

async function another(page) {
  const next = await page.context().newPage();
  await next.goto(page.url());
  await next.waitForSelector('.fleet .u-over');
  return next;
}

test('three tabs, one stream, and it passes on when its tab closes', async () => {
  const first = await openOverview(browser, daemon.url);
  const second = await another(first);
  const third = await another(first);
  for (const page of [first, second, third]) await moves(page);
  assert.equal(await clients(), 1);
  await first.close();
  for (const page of [second, third]) await moves(page);
  await until('one stream again', 5_000, async () => (await clients()) === 1);
  await second.context().close();
});

test('a hidden tab closes the stream after a minute, and wakes', async () => {
  const page = await openOverview(browser, daemon.url);
  await until('one stream', 5_000, async () => (await clients()) === 1);
  await page.clock.install();
  const look = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await look(true);
  await page.clock.fastForward(55_000);
  await page.waitForTimeout(1_500);
  assert.equal(await clients(), 1, 'it let go too early');
  await page.clock.fastForward(6_000);
  await until('no stream', 10_000, async () => (await clients()) === 0);
  await page.locator('.live.held').waitFor();
  await look(false);
  await page.locator('.live.on').waitFor();
  assert.equal(await clients(), 1);
  await page.context().close();
});

test('a tab that looks goes on when the one with the stream is hidden', async () => {
  const first = await openOverview(browser, daemon.url);
  await first.clock.install();
  const second = await another(first);
  await first.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await first.clock.fastForward(61_000);
  await first.locator('.live.held').waitFor();
  await moves(second);
  assert.equal(await clients(), 1);
  assert.equal(await first.locator('.live.held').count(), 1, 'the sleeping tab woke');
  await first.context().close();
});
