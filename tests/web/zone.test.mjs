// One time zone for the whole page, and it is always printed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openOverview } from './browser.mjs';
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

const clockIn = (zone, ms) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(ms);

async function shownTimes(page) {
  return {
    clock: await page.locator('.clock').innerText(),
    chart: await page.locator('.fleet .sub').innerText(),
    activity: await page.locator('.act time').first().innerText(),
    table: await page.locator('.fleet .dt th').first().innerText(),
  };
}

test('Kolkata time and UTC are obeyed by clock, activity, chart and table', async () => {
  const page = await openOverview(browser, daemon.url, { zone: 'Asia/Kolkata', hash: '#/overview?tz=local' });
  await page.locator('.fleet').getByRole('button', { name: 'Data table' }).click();
  const [newest] = (await daemon.get('events?limit=1')).items;

  const local = await shownTimes(page);
  assert.match(local.clock, /GMT\+5:30/);
  assert.match(local.chart, /GMT\+5:30/);
  assert.match(local.table, /GMT\+5:30/);
  assert.equal(local.activity, clockIn('Asia/Kolkata', Date.parse(newest.timestamp)));

  await page.getByRole('radio', { name: 'UTC' }).click();
  const utc = await shownTimes(page);
  assert.match(utc.clock, /UTC/);
  assert.match(utc.chart, /UTC/);
  assert.match(utc.table, /UTC/);
  assert.equal(utc.activity, clockIn('UTC', Date.parse(newest.timestamp)));
  assert.ok(
    utc.clock.startsWith(clockIn('UTC', Date.now())) ||
      utc.clock.startsWith(clockIn('UTC', Date.now() - 60_000)),
  );
});

test('the zone is remembered, and a link overrules what is remembered', async () => {
  const page = await openOverview(browser, daemon.url, {
    zone: 'America/New_York',
    hash: '#/overview?tz=utc',
  });
  assert.match(await page.locator('.clock').innerText(), /UTC/);
  await page.getByRole('radio', { name: 'Local' }).click();
  assert.match(await page.locator('.clock').innerText(), /E[SD]T/);
  await page.goto(daemon.url + '?again');
  await page.waitForSelector('.clock');
  assert.match(await page.locator('.clock').innerText(), /E[SD]T/);
});
