// What a panel gives away: link, request, command, CSV, picture.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { axeViolations, launch, openOverview } from './browser.mjs';
import { Daemon } from './daemon.mjs';

let daemon;
let browser;
let page;

before(async () => {
  daemon = await Daemon.start();
  browser = await launch();
  page = await openOverview(browser, daemon.url, { hash: '#/overview?svc=host&from=now-1h&tz=utc' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

const copied = () => page.evaluate(() => navigator.clipboard.readText());

async function choose(menu, item) {
  await page.getByRole('button', { name: menu }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function download(menu, item) {
  const [file] = await Promise.all([page.waitForEvent('download'), choose(menu, item)]);
  return readFileSync(await file.path());
}

for (const menu of ['Export the chart', 'Export the services']) {
  test(`${menu}: the link is this address`, async () => {
    await choose(menu, 'Copy link');
    await page.getByText('Link copied').waitFor();
    assert.equal(await copied(), page.url());
  });

  test(`${menu}: the curl command works as it is`, async () => {
    await choose(menu, 'Copy as curl');
    const lines = (await copied()).split('\n');
    assert.match(lines[0], /^curl -sS '/);
    const answer = JSON.parse(execFileSync('sh', ['-c', lines[0]], { encoding: 'utf8' }));
    if (answer.items) assert.equal(answer.items[0].service, 'host');
    else assert.ok(answer.columns.utilization_pct.length > 0);
  });

  test(`${menu}: by keyboard`, async () => {
    await page.getByRole('button', { name: menu }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Copy as command');
    assert.deepEqual(await axeViolations(page), []);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => navigator.clipboard.readText().then((text) => /^loadline /.test(text)));
    await page.getByRole('button', { name: menu }).click();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('menu').count(), 0);
    assert.match(page.url(), /from=now-1h/);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), menu);
  });
}

test('CSV of the services and of the chart', async () => {
  const services = (await download('Export the services', 'Download CSV')).toString();
  assert.match(services, /^service,cpu_now_pct,/);
  assert.match(services, /\r\nhost,/);
  const chart = (await download('Export the chart', 'Download CSV')).toString();
  assert.match(chart, /^time_utc,cpu_pct,/);
  assert.match(chart, /\r\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,/);
});

test('the picture is a PNG of twice the size', async () => {
  const png = await download('Export the chart', 'Download picture');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.equal(png.readUInt32BE(16), 1800);
  assert.ok(png.length > 10_000, `${png.length} bytes cannot hold a chart`);
  if (process.env.KEEP_PNG) (await import('node:fs')).writeFileSync(process.env.KEEP_PNG, png);
  assert.deepEqual(page.faults, []);
});
