// The page shows this host, and what it shows is what the API says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { launch, meterPct, openOverview, until } from './browser.mjs';
import { Daemon } from './daemon.mjs';

const TYPES = ['CPU', 'MEMORY', 'DISK', 'NETWORK', 'CONNECTIONS', 'QUEUE_DEPTH', 'API_CALLS'];
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

const ofSummary = async (type) =>
  (await daemon.get('summary')).resources.find((r) => r.resource_type === type);

test('seven meters show what the summary says', async () => {
  const page = await openOverview(browser, daemon.url);
  for (const type of TYPES) {
    const resource = await ofSummary(type);
    const shown = await meterPct(page, type);
    if (resource?.utilization_pct == null) {
      assert.equal(shown, null, `${type} has no utilization, yet the page shows ${shown}`);
      const why = await page.locator(`[data-resource=${type}] .val`).getAttribute('title');
      assert.ok(why, `${type} shows no figure and does not say why`);
    } else if (type !== 'CPU' && type !== 'NETWORK') {
      // these two move between the two looks, and the others may where the machine is busy
      await until(`${type} as in the summary`, 20_000, async () => {
        const said = (await ofSummary(type)).utilization_pct;
        return Math.abs((await meterPct(page, type)) - said) < 3;
      });
    } else {
      assert.ok(shown !== null, `${type} shows no figure`);
    }
  }
  assert.equal(await page.getByRole('meter').count(), TYPES.length);
  assert.deepEqual(page.faults, []);
});

test("memory is this machine's", async () => {
  const page = await openOverview(browser, daemon.url, { hash: '#/overview?open=host%2FMEMORY' });
  const used = () => {
    const info = readFileSync('/proc/meminfo', 'utf8');
    const kib = (name) => Number(info.match(new RegExp(`${name}:\\s+(\\d+)`))[1]);
    return 100 * (1 - kib('MemAvailable') / kib('MemTotal'));
  };
  let facts;
  await until('memory as in /proc', 20_000, async () => {
    facts = await page.locator('.drw .stats').first().innerText();
    return Math.abs(parseFloat(facts.match(/Utilization\s+([\d.]+)/)[1]) - used()) < 5;
  });
  assert.match(facts, new RegExp(hostname()));
});

test('a service opens its drawer, with a chart, and Esc gives the focus back', async () => {
  const page = await openOverview(browser, daemon.url);
  const cell = page.locator('.hm .cell[aria-label^="host CPU"]');
  await cell.click();
  await page.waitForSelector('.drw .u-over');
  assert.match(page.url(), /open=host%2FCPU/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drw', { state: 'detached' });
  assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^host CPU/);
  await page.goBack();
  await page.waitForSelector('.drw .u-over');
});

test('filters are obeyed and live in the address', async () => {
  const page = await openOverview(browser, daemon.url);
  await page.getByRole('combobox', { name: /^Resource/ }).selectOption('MEMORY');
  await page.waitForFunction(() => document.querySelectorAll('.hm th.c').length === 1);
  await page.getByRole('radio', { name: /^1\sh$/ }).click();
  await page.waitForFunction(
    () => location.hash.includes('res=memory') && location.hash.includes('from=now-1h'),
  );
  const again = await openOverview(browser, page.url());
  assert.equal(await again.locator('.hm th.c').count(), 1);
  assert.equal(await again.getByRole('radio', { name: /^1\sh$/ }).getAttribute('aria-checked'), 'true');
});

/** The panel does not try again by itself, each minute, but by its button alone. */
function neverByTheClock() {
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...more) => real(run, ms === 60_000 ? 2 ** 30 : ms, ...more);
}

test('a panel that fails says so alone, and tries again', async () => {
  const page = await openOverview(browser, daemon.url, { init: neverByTheClock });
  await page.route('**/api/v1/limits*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        title: 'Unavailable',
        status: 503,
        detail: 'the store is locked',
        request_id: 'r-1',
      }),
    }),
  );
  await page.locator('.hm .cell[aria-label^="host CPU"]').click();
  await page.getByText('Could not load this panel').waitFor();
  await page.getByText('the store is locked').waitFor();
  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByText('r-1').waitFor();
  assert.ok((await meterPct(page, 'CPU')) !== null, 'the other panels went too');
  await page.unroute('**/api/v1/limits*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.drw .limit, .drw .note').first().waitFor();
  await page.getByText('Could not load this panel').waitFor({ state: 'detached' });
});

test('the tabs without anything to show say what they wait for', async () => {
  for (const [tab, words] of [
    ['scaling', /No policies yet/],
    ['cost', /knows no costs/],
  ]) {
    const page = await openOverview(browser, daemon.url);
    await page.goto(`${daemon.url}#/${tab}`);
    await page.locator('.waiting', { hasText: words }).waitFor();
    assert.equal(await page.locator('h1').count(), 1);
    await page.close();
  }
});
