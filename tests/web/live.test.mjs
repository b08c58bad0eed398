// The page follows this machine, and lives through a restart of the daemon.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { launch, meterPct, openOverview, until } from './browser.mjs';
import { Daemon, owned } from './daemon.mjs';

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

test('the CPU meter rises while stress-ng runs', async (t) => {
  const page = await openOverview(browser, daemon.url, { hash: '#/overview?svc=host' });
  // A rise needs room: on a machine that others keep full there is nothing to see.
  const before = await until('a CPU figure below 70 %', 6_000, () =>
    meterPct(page, 'CPU').then((pct) => (pct !== null && pct < 70 ? { pct } : null)),
  ).catch(() => null);
  if (!before) return t.skip('others keep this machine busy');
  const load = spawn('stress-ng', ['--cpu', '2', '--timeout', '400s'], { stdio: 'ignore' });
  try {
    const goal = Math.min(90, before.pct + 15);
    const reached = await until(`CPU at ${goal} %`, 30_000, async () => {
      const pct = await meterPct(page, 'CPU');
      return pct >= goal && pct;
    });
    assert.ok(reached >= goal);
    const bar = await page.getByRole('meter', { name: 'CPU utilization' }).getAttribute('aria-valuenow');
    assert.ok(Number(bar) > before.pct, `the bar stands at ${bar}`);
  } finally {
    load.kill('SIGTERM');
  }
});

test('survives a restart of the daemon', { skip: !owned }, async () => {
  const page = await openOverview(browser, daemon.url, { hash: '#/overview?from=now-1h' });
  const stopped = Date.now() / 1000;
  await daemon.down();
  await page.getByText('Live updates stopped').waitFor();
  await page.getByText(/Trying again/).waitFor();
  assert.equal(await page.getByRole('meter').count(), 7, 'the page went blank');
  assert.ok(await page.locator('main.old').count(), 'old values are not marked as old');
  const stale = await page.locator('[data-resource=MEMORY] .val').innerText();
  assert.notEqual(parseFloat(stale), NaN);

  await daemon.up();
  await page.getByText('Live updates stopped').waitFor({ state: 'detached' });
  await page.locator('.live.on').waitFor();
  const first = await page.locator('.card:has(h2:text("Loadline itself")) .sub').innerText();
  await until(
    'live again',
    10_000,
    async () => (await page.locator('.card:has(h2:text("Loadline itself")) .sub').innerText()) !== first,
  );

  const history = await daemon.get(
    `metrics?service=host&resource_type=MEMORY&from=${Math.floor(stopped - 300)}&to=${Math.floor(stopped)}&step=1`,
  );
  assert.ok(
    history.columns.value.some((value) => value !== null),
    'history from before the restart is gone',
  );
  assert.deepEqual(page.faults, []);
});

test('a service that is pushed appears by itself, and stays through a reload', { skip: !owned }, async () => {
  const page = await openOverview(browser, daemon.url);
  assert.equal(await page.locator('[data-row="order-gateway"]').count(), 0);
  const push = await fetch(daemon.url + 'api/v1/metrics', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      metrics: [
        { service: 'order-gateway', resource_type: 'API_CALLS', current_value: 2465, capacity: 2900 },
        { service: 'order-gateway', resource_type: 'QUEUE_DEPTH', current_value: 12 },
      ],
    }),
  });
  assert.equal(push.status, 200);
  assert.equal((await push.json()).accepted, 2);

  const calls = page.locator('.hm .cell[aria-label^="order-gateway API calls"]');
  await calls.waitFor();
  assert.match(await calls.getAttribute('aria-label'), /85 %/);
  const queue = page.locator('.hm .cell[aria-label^="order-gateway Queue depth"]');
  assert.match(await queue.getAttribute('aria-label'), /12, capacity unknown/);
  await until('the API calls meter', 10_000, async () => (await meterPct(page, 'API_CALLS')) === 85);
  await page.reload();
  await calls.waitFor();
});
