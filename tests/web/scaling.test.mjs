// The scaling tab over rules and targets that are real but for what they scale (dry_run): a proposal
// is found, explained, approved and done, by mouse and by keyboard; what may not be done is not shown.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, launch, open, PHONE, until, WIDE } from './browser.mjs';
import { Daemon, owned } from './daemon.mjs';

const READY = '.pol tbody tr';
const TOKENS = { 'token-of-the-admin': 'admin', 'token-of-the-viewer': 'viewer' };
let daemon;
let browser;
let feeding;

/** gateway is over its band, risk inside it, batch below. */
const LOAD = [
  { service: 'order-gateway', resource_type: 'API_CALLS', current_value: 1040, capacity: 1200 },
  { service: 'risk-checks', resource_type: 'CPU', current_value: 24, capacity: 48 },
];

const target = (name, service, current, more = {}) => ({
  name,
  service,
  dry_run: { current },
  min_instances: 8,
  max_instances: 24,
  ...more,
});
const rule = (rule_id, of, resource_type, mode) => ({
  rule_id,
  target: of,
  resource_type,
  policy: 'THRESHOLD',
  thresholds: { warning_pct: 70, critical_pct: 95, scale_up_pct: 80, scale_down_pct: 30, cooldown_seconds: 300 },
  mode,
});

const feed = () =>
  daemon.post('metrics', { metrics: LOAD.map((m) => ({ ...m, instance: 'i1' })) }).catch(() => {}); // it may be away

before(async () => {
  if (!owned) return;
  daemon = await Daemon.start({ tokens: TOKENS });
  await daemon.put('mode', { mode: 'approve' });
  await daemon.post('rules', {
    targets: [
      target('gateway', 'order-gateway', 12, { price_per_instance_hour: 0.192 }),
      target('risk', 'risk-checks', 12),
    ],
    rules: [rule('gateway-calls', 'gateway', 'API_CALLS', 'approve'), rule('risk-cpu', 'risk', 'CPU', 'observe')],
  });
  await feed();
  feeding = setInterval(feed, 1_000);
  browser = await launch();
});
after(async () => {
  clearInterval(feeding);
  await browser?.close();
  await daemon?.stop();
});

function check(name, run) {
  test(name, { skip: !owned && 'needs a daemon of its own' }, async () => {
    try {
      await run();
    } finally {
      for (const context of browser.contexts()) await context.close();
    }
  });
}

const plain = (text) => text.replaceAll('\u00a0', ' ');
const waits = () =>
  until('a proposal waits', 30_000, async () => {
    const { items } = await daemon.get('actions?state=proposed&target=gateway');
    return items.find((a) => a.state === 'proposed');
  });
const ended = (id, state) =>
  until(`it is ${state}`, 30_000, async () => {
    const { items } = await daemon.get('actions?target=gateway');
    return items.find((a) => a.action_id === id && a.state === state);
  });
const current = async () => (await daemon.get('targets/gateway')).current;

async function show(hash = '', more = {}, token = 'token-of-the-admin') {
  const page = await open(browser, daemon.url, { hash: `#/scaling${hash}`, ready: '#token', ...more });
  await page.fill('#token', token);
  await page.keyboard.press('Enter');
  await page.waitForSelector(READY);
  return page;
}

const card = (page) => page.locator('.proposal');
const row = (page, service) => page.locator('.pol tbody tr', { hasText: service });

check('the table says what the API says of each policy', async () => {
  await waits();
  const page = await show();
  const { items } = await daemon.get('rules');
  assert.equal(await page.locator(READY).count(), items.length);
  const gateway = row(page, 'order-gateway');
  await gateway.getByText('Needs approval').waitFor();
  assert.match(plain(await gateway.innerText()), /API calls\s+Threshold\s+86\.7 %\s+12 → \d+/);
  assert.match(await gateway.locator('.band').getAttribute('aria-label'), /86\.7.%, band 30.% to 80.%/);
  assert.match(await gateway.locator('.range svg').getAttribute('aria-label'), /^12 of 8 to 24, \d+ wanted$/);
  assert.match(plain(await row(page, 'risk-checks').innerText()), /50\.0 %\s+12\s+8\s+24\s+Steady/);
  assert.deepEqual(page.faults, []);
});

check('why: every stage with its number, the one that bound it marked, a link to it', async () => {
  await waits();
  const page = await show();
  await card(page).getByRole('button', { name: /^Why/ }).click();
  await page.waitForFunction(() => location.hash.startsWith('#/scaling/decision/'));
  const id = /decision\/([^?]+)/.exec(page.url())[1];
  const { record } = await daemon.get(`decisions/${id}`);
  await page.locator('.whycard', { hasText: id }).waitFor();
  const steps = await page.locator('.steps li').allInnerTexts();
  const { proposals, stages } = record.decision;
  assert.equal(steps.length, proposals.length + stages.length);
  stages.forEach((stage, i) => assert.match(steps[proposals.length + i], new RegExp(`\\s${stage.after}$`)));
  assert.equal(await page.locator('.steps li.bound').count(), stages.filter((s) => s.bound !== 'none').length);
  assert.match(plain(await page.locator('.whycard h2').innerText()), /^Why \d+\?$/);
  await page.reload();
  await page.locator('.whycard', { hasText: id }).waitFor();
});

check('a viewer sees it all and has no buttons; the server refuses too', async () => {
  const { action_id } = await waits();
  const page = await show('', {}, 'token-of-the-viewer');
  await card(page).waitFor();
  assert.equal(await page.getByRole('button', { name: /Approve|Reject|Pause/ }).count(), 0);
  assert.equal(await page.getByRole('radiogroup', { name: 'Autopilot' }).count(), 0);
  await card(page).focus();
  await page.keyboard.press('a');
  assert.equal(await page.locator('dialog').count(), 0);
  const status = await page.evaluate(
    (id) =>
      fetch(`api/v1/actions/${id}/approve`, { method: 'POST', headers: { 'X-Loadline-CSRF': '1' } }).then((r) => r.status),
    action_id,
  );
  assert.equal(status, 403);
});

check('rejected by keyboard: the same does not come again at once', async () => {
  const { action_id } = await waits();
  const page = await show();
  await card(page).focus();
  await page.keyboard.press('r');
  await page.getByRole('dialog', { name: /^Reject/ }).waitFor();
  await page.getByRole('button', { name: 'Reject', exact: true }).last().press('Enter');
  await ended(action_id, 'rejected');
  await card(page).waitFor({ state: 'detached' });
  await page.locator('.acted', { hasText: 'rejected, admin' }).waitFor();
});

check('pause asks for a reason, is told everywhere, and ends', async () => {
  const page = await show();
  await page.getByRole('button', { name: 'Pause all scaling' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause all scaling?' });
  await dialog.getByRole('button', { name: 'Pause all scaling' }).click();
  assert.ok(await dialog.isVisible(), 'paused without a reason');
  await dialog.getByLabel('Reason').fill('exchange test');
  await dialog.getByRole('radio', { name: /^4.h$/ }).click();
  await dialog.getByRole('button', { name: 'Pause all scaling' }).click();
  await page.locator('.autopilot', { hasText: /All scaling is paused until .* UTC|by admin/ }).waitFor();
  const { pause } = await daemon.get('mode');
  assert.equal(pause.what, 'both');
  assert.equal(pause.reason, 'exchange test');
  const hours = (Date.parse(pause.until) - Date.now()) / 3_600_000;
  assert.ok(hours > 3.5 && hours <= 4, `${hours} h`);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume scaling' }).click();
  await page.getByRole('button', { name: 'Pause all scaling' }).waitFor();
  assert.equal((await daemon.get('mode')).pause.what, 'none');
});

check('the autopilot is set after a question', async () => {
  const page = await show();
  await page.getByRole('radio', { name: 'Observe' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Set to Observe' }).click();
  await page.locator('.autopilot [aria-checked=true]', { hasText: 'Observe' }).waitFor();
  assert.equal((await daemon.get('mode')).mode, 'observe');
  await row(page, 'order-gateway').getByText('held to observe').waitFor();
  await page.getByRole('radio', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Set to Approve' }).click();
  await page.locator('.autopilot [aria-checked=true]', { hasText: 'Approve' }).waitFor();
});

check('approved by mouse: it is done, and the timeline tells it', async () => {
  // What was rejected is not proposed again for a while: the load asks for more now.
  LOAD[0].current_value = 1190;
  const { action_id } = await waits();
  const before = await current();
  const page = await show();
  await card(page).getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Approve/ }).click();
  const { to_value } = await ended(action_id, 'applied');
  assert.ok(to_value > before);
  assert.equal(await current(), to_value);
  await page.locator('.acted tr', { hasText: `${before} → ${to_value}` }).filter({ hasText: 'done' }).waitFor();
  LOAD[0].current_value = 700; // inside the band: nothing is wanted, and scale-in waits
  await row(page, 'order-gateway').locator('.cool', { hasText: /of 5.m/ }).waitFor();
});

check('when the base has changed the card says so, also on the next proposal', async () => {
  LOAD[0].current_value = 1_150;
  await waits();
  const page = await show();
  await page.route('**/approve', (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'Conflict', status: 409, detail: 'the target is not at 12 any more', current: 15 }),
    }),
  );
  await card(page).waitFor();
  await card(page).getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Approve/ }).click();
  await card(page).getByText('There are 15 now').waitFor();
});

for (const theme of ['light', 'dark'])
  for (const viewport of [WIDE, PHONE])
    check(`axe, ${theme}, ${viewport.width} px`, async () => {
      const page = await show('', { theme, viewport });
      await page.locator('.steps li').first().waitFor();
      await page.locator('.timeline .u-over').waitFor();
      assert.deepEqual(await axeViolations(page), []);
      assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        'the page scrolls sideways',
      );
      assert.equal(await page.locator('h1').count(), 1);
      assert.deepEqual(page.faults, []);
    });
