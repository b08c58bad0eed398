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

/** Makes the minute a hidden tab waits ten seconds. */
function shortMinute() {
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...more) => real(run, ms === 60_000 ? 10_000 : ms, ...more);
}

function look(page, hidden) {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('a hidden tab closes the stream after a minute, and wakes', async () => {
  const page = await openOverview(browser, daemon.url, { init: shortMinute });
  await until('one stream', 5_000, async () => (await clients()) === 1);
  await look(page, true);
  await page.waitForTimeout(1_500);
  assert.equal(await clients(), 1, 'it let go too early');
  await until('no stream', 10_000, async () => (await clients()) === 0);
  await page.locator('.live.held').waitFor();
  await look(page, false);
  await page.locator('.live.on').waitFor();
  assert.equal(await clients(), 1);
  await look(page, true);
  await page.waitForTimeout(1_000);
  await look(page, false); // a short look elsewhere costs nothing
  await page.waitForTimeout(11_000);
  assert.equal(await clients(), 1);
  await page.context().close();
});

test('a tab that looks goes on when the one with the stream is hidden', async () => {
  const first = await openOverview(browser, daemon.url, { init: shortMinute });
  const second = await another(first);
  await look(first, true);
  await first.locator('.live.held').waitFor();
  await moves(second);
  await until('one stream', 5_000, async () => (await clients()) === 1);
  assert.equal(await first.locator('.live.held').count(), 1, 'the sleeping tab woke');
  await first.context().close();
});
