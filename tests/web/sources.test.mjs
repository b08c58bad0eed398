// The page of the sources: what came from where, what was found in it, what was not matched and why.
//
// The route's answer is invented here where a fleet is needed (the development server's), and the
// daemon's own where the page must agree with it.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { discoveryOf } from '../../web/dev/scene.mjs';
import { axeViolations, launch, open, openOverview, PHONE, until, WIDE } from './browser.mjs';
import { Daemon, owned } from './daemon.mjs';

const { build } = createRequire(new URL('../../web/package.json', import.meta.url))('esbuild');
const LIVE = { cpuPct: 10, cores: 2, used: 1, memory: 4, instance: 'vm1' };
let daemon;
let browser;
let served; // the daemon has the route
let rules;
let model;

async function load(name) {
  const result = await build({
    entryPoints: [fileURLToPath(new URL(`../../web/src/sources/${name}.ts`, import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import('data:text/javascript,' + encodeURIComponent(result.outputFiles[0].text));
}

before(async () => {
  [rules, model] = await Promise.all([load('rule'), load('found-model')]);
  daemon = await Daemon.start();
  browser = await launch();
  served = (await fetch(daemon.url + 'api/v1/discovery')).status !== 404;
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** A page on which the route answers what answer() gives: an object, or a number for a failure. */
async function openSources(answer, options = {}) {
  let asked = 0;
  const context = {
    ...options,
    hash: options.hash ?? '#/sources?tz=utc',
    ready: options.ready ?? '.panels',
  };
  const page = await open(
    {
      // Before the page asks for the first time.
      async newContext(settings) {
        const made = await browser.newContext(settings);
        await made.grantPermissions(['clipboard-read', 'clipboard-write']);
        await made.route('**/api/v1/discovery', async (route) => {
          asked++;
          const given = await answer(asked);
          const failed = typeof given === 'number';
          await route.fulfill({
            status: failed ? given : 200,
            contentType: failed ? 'application/problem+json' : 'application/json',
            body: JSON.stringify(
              failed
                ? { title: 'Unavailable', status: given, detail: 'the list is being made', request_id: 'r-7' }
                : given,
            ),
          });
        });
        return made;
      },
    },
    daemon.url,
    context,
  );
  page.asked = () => asked;
  return page;
}

const fleet = () => discoveryOf('fleet', Date.now(), LIVE);
const many = () => discoveryOf('many', Date.now(), LIVE);
const bare = () => discoveryOf('host', Date.now(), LIVE);
const panel = (page, title) => page.locator(`section[aria-label="${title}"]`);
const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

test('a rule to start from: quoted for YAML, with the label that names the service', () => {
  assert.equal(
    rules.mappingRule({ metric: 'foo_total', example: 'foo_total{instance="a:1",job="foo"}' }),
    `mapping:
  - match: '{__name__="foo_total"}'
    service: '{job}'
    resource_type: API_CALLS
`,
  );
  assert.match(
    rules.mappingRule({ metric: 'x_queue_depth', example: 'x{app="a"}' }),
    /'\{app\}'\n.*QUEUE_DEPTH/,
  );
  assert.match(rules.mappingRule({ metric: 'x', example: 'x{my_app="a",job_id="1"}' }), /'\{job\}'/);
  assert.match(rules.mappingRule({ metric: `it's "odd"`, example: '' }), /'\{__name__="it''s \\"odd\\""\}'/);
});

test('unknown comes last whichever way the list is sorted', () => {
  const of = (service, ready, desired) => ({ service, ready, desired, rule: '', resources: [], series: 1 });
  const list = [
    of('a', null, null),
    of('b', 2, 4),
    of('c', 4, 4),
    of('d', 0, 0),
    of('a10', 1, 1),
    of('a9', 1, 1),
  ];
  const names = (order) =>
    model
      .sorted(list, order)
      .map((s) => s.service)
      .join();
  assert.equal(names('name'), 'a,a9,a10,b,c,d');
  assert.equal(names('-name'), 'd,c,b,a10,a9,a');
  assert.equal(names('ready'), 'b,a9,a10,c,d,a');
  assert.equal(names('-ready'), 'a9,a10,c,d,b,a');
  assert.equal(names('no such order'), names('name'));
  assert.equal(model.matching(list, ' A 9 ').length, 1);
});

test('found from the palette, the card and the address; Back and the tab lead back', async () => {
  const page = await openSources(fleet, { hash: '#/overview?tz=utc', ready: '.fleet .u-over' });
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.pal[open]');
  await page.keyboard.type('sources disc');
  await page.keyboard.press('Enter');
  await page.locator('h1:text-is("Sources and discovery")').waitFor();
  assert.match(page.url(), /#\/sources\?/);
  assert.equal(await page.title(), 'Sources and discovery, Loadline');
  assert.equal(await page.locator('.tabs a').count(), 4, 'a fifth tab');
  assert.equal(await page.locator('.tabs .on').innerText(), 'Resource Overview');
  await page.goBack();
  await page.waitForSelector('.fleet .u-over');

  const card = panel(page, 'Loadline itself');
  await card.locator('.srcs li').first().waitFor();
  assert.match(await card.locator('.srcs').innerText(), /dr-site/, 'the worst is not first');
  assert.match(await card.locator('.srcs').innerText(), /1,284 refused/);
  await card.locator('.srcs a').first().click();
  await page.waitForSelector('.panels');
  await page.getByRole('link', { name: 'Resource Overview' }).last().click();
  await page.waitForSelector('.fleet .u-over');
  await page.getByRole('button', { name: 'Sources and discovery' }).last().click();
  await page.waitForSelector('.panels');
  await page.locator('.tabs a').first().click();
  await page.waitForSelector('.fleet .u-over');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('each source says how it does, with its error in full', async () => {
  const page = await openSources(fleet);
  const rows = panel(page, 'Sources').locator('tbody');
  const row = (name) => rows.locator(`tr:has(th b:text-is("${name}"))`);
  assert.match(await row('prod').innerText(), /Up\s+prod\s+Prometheus.*\d+\ss ago\s+30\ss/s);
  assert.match(await row('prod').innerText(), /18,240\s+17,786\s+532\s+0/);
  assert.match(await row('dr-site').innerText(), /Down/);
  assert.match(
    await rows.innerText(),
    /503 Service Unavailable, 9 times since 15:14\..*Trying again in 24 s\./,
  );
  assert.match(await row('remote-write').innerText(), /1,284/);
  const waiting = (await row('branch-ams').innerText()).split(/\s+/);
  assert.ok(waiting.includes('never') && !waiting.includes('0'), `what is not known became zero: ${waiting}`);
  const age = row('prod').locator('time');
  assert.match(await age.getAttribute('title'), /UTC$/);
  const meter = page.getByRole('meter', { name: 'Coverage of vms' });
  assert.equal(await meter.getAttribute('aria-valuenow'), '92.9');
  assert.match(await page.locator('.verdict').innerText(), /dr-site is down/);
  await page.context().close();
});

test('hundreds of services: one page is drawn, filter and order are in the address', async () => {
  const page = await openSources(many);
  const found = panel(page, 'Services found');
  assert.equal(await found.locator('tbody tr').count(), 25);
  assert.match(await found.locator('.pager').innerText(), /1 to 25 of 501/);
  await found.getByRole('button', { name: 'Next' }).click();
  assert.match(await found.locator('.pager').innerText(), /26 to 50 of 501/);

  await page.keyboard.press('/');
  await page.keyboard.type('payments ledger');
  await until('the filter', 5_000, async () => /^\d+ of 501$/.test(await found.locator('.sub').innerText()));
  for (const name of await found.locator('.name').allTextContents()) assert.match(name, /payments\/ledger/);
  await page.keyboard.press('Escape');
  const head = found.getByRole('button', { name: 'Memory request / limit' });
  await head.click();
  assert.equal(await found.locator('th[aria-sort]').getAttribute('aria-sort'), 'descending');
  await head.click();
  assert.equal(await found.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
  assert.match(page.url(), /q=payments\+ledger&sort=memory/);
  const first = await found.locator('.name').first().textContent();
  await page.reload();
  await page.waitForSelector('.panels');
  assert.equal(await found.locator('.name').first().textContent(), first);
  assert.equal(await page.locator('#filter').inputValue(), 'payments ledger');

  await page.locator('#filter').fill('no such thing');
  await found.getByText('No service found has').waitFor();
  await page.context().close();
});

test('a number per service: ready of wanted, requests and limits, a dash where nobody says', async () => {
  const page = await openSources(fleet);
  const found = panel(page, 'Services found');
  const cells = async (name) =>
    (await found.locator(`tr:has([title="${name}"]) td`).allInnerTexts()).map((t) =>
      t.replaceAll('\u00a0', ' '),
    );
  assert.equal((await cells('order-gateway'))[4], '11 of 12');
  assert.equal(await found.locator('tr:has([title="order-gateway"]) .inst.warning').count(), 1);
  assert.equal((await cells('quote-cache'))[4], '6 of 6');
  assert.match((await cells('order-gateway'))[5], /^[\d.]+ \/ [\d.]+ cores$/);
  assert.match((await cells('order-gateway'))[6], /^[\d.]+ \/ [\d.]+ GiB$/);
  assert.deepEqual((await cells('settlement-batch')).slice(4, 7), ['–', '–', '–']);
  await page.getByRole('button', { name: '1 not fully ready' }).click();
  assert.match(page.url(), /sort=ready/);
  assert.equal(await found.locator('.name').first().textContent(), 'order-gateway');
  await page.context().close();
});

test('a row opens the drawer over the page, Esc gives the focus back', async () => {
  const page = await openSources(fleet);
  const row = page.locator('.found [data-row=host]');
  await row.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drw .u-over');
  assert.match(page.url(), /#\/sources\?.*open=host%2F/);
  assert.match(await page.locator('.drw').innerText(), /Service\s+Instances/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drw', { state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.dataset.row), 'host');
  // Found, but without a sample yet: nothing to open.
  assert.equal(await page.locator('.found [data-row="order-gateway"]').count(), 0);
  await page.context().close();
});

test('what was not matched: why, an example, and a rule on the clipboard', async () => {
  const page = await openSources(fleet);
  const unmatched = panel(page, 'Not matched');
  assert.match(await unmatched.innerText(), /no owner of pod batch\/report-29381-x7k2p yet/);
  assert.match(await unmatched.innerText(), /loadline check mapping/);
  await page.getByRole('button', { name: 'Copy a mapping rule for trade_server_open_connections' }).click();
  await page.getByText('Mapping rule copied').waitFor();
  assert.equal(
    await copied(page),
    `mapping:
  - match: '{__name__="trade_server_open_connections"}'
    service: '{job}'
    resource_type: CONNECTIONS
`,
  );
  await page.getByLabel('Filter what was not matched').fill('jvm');
  assert.equal(await unmatched.locator('tbody tr').count(), 1);
  await page.context().close();
});

test('with this host alone it says what to write, and Copy copies it', async () => {
  const page = await openSources(bare);
  await page.getByText('No source yet beside this host').waitFor();
  await panel(page, 'Sources').getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Source copied').waitFor();
  assert.match(await copied(page), /^collect:\n  prometheus:\n    - name: \w+\n      url: http/);
  await page.getByText('Nothing to match yet').waitFor();
  await page.context().close();
});

test('loading keeps the layout, a failure says so and tries again', async () => {
  let let_go;
  const gate = new Promise((resolve) => (let_go = resolve));
  const page = await openSources(
    async (n) => {
      if (n === 1) await gate;
      return n < 3 ? 503 : fleet();
    },
    { ready: '.loading .sk' },
  );
  assert.equal(await page.locator('h1').count(), 1);
  let_go();
  await page.getByText('the list is being made').waitFor();
  assert.equal(await page.locator('h1').count(), 1);
  assert.deepEqual(await axeViolations(page), []);
  for (let i = 0; i < 60 && !(await page.locator('.panels').count()); i++) {
    await page
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 2_000 })
      .catch(() => {});
    await page.waitForTimeout(500);
  }
  await page.waitForSelector('.panels');
  await page.context().close();
});

test('an answer that stays old is called old, and what was shown stays', async () => {
  const then = Date.now() - 120_000;
  const page = await openSources((n) => (n > 1 ? 503 : discoveryOf('fleet', then, LIVE)));
  await page.getByText(/From \d\d:\d\d:\d\d UTC, 2\sm old/).waitFor();
  await page.locator('.srct tr:has(b:text-is("vms")) .st-warning', { hasText: 'Late' }).waitFor();
  assert.equal(await page.locator('.found tbody tr').count(), 13);
  await page.context().close();
});

/** Nothing is asked again because its time has come: each fifteen seconds. */
function neverByTheClock() {
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...more) => real(run, ms === 15_000 ? 2 ** 30 : ms, ...more);
}

test('asked again when the stream tells of a new service', { skip: !owned }, async () => {
  const page = await openSources(fleet, { init: neverByTheClock });
  await page.waitForTimeout(1_500);
  const before = page.asked();
  await push([{ service: 'new-one', resource_type: 'CPU', current_value: 1, capacity: 2 }]);
  await until('asked again', 14_000, async () => page.asked() > before);
  await page.context().close();
});

async function push(metrics) {
  const answer = await fetch(daemon.url + 'api/v1/metrics', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ metrics }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Gives this host what a cluster would tell of a service. */
function withFacts() {
  const facts = {
    kind: 'Deployment',
    source: 'prod',
    desired: 12,
    ready: 11,
    requests: { CPU: 6, MEMORY: 6 * 2 ** 30 },
    limits: { CPU: 12 },
  };
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (type, run) {
    listen.call(this, type, (message) => {
      const data = JSON.parse(message.data);
      for (const service of data.services ?? [])
        if (service.service === 'host') Object.assign(service, facts);
      run({ data: JSON.stringify(data) });
    });
  };
}

/** What a series looks like whose sender said that it has ended. */
function withEnded() {
  const ended = {
    current_value: null,
    utilization_pct: null,
    peak_24h_pct: null,
    status: 'UNKNOWN',
    status_reason: 'NO_DATA',
    worst: null,
  };
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (type, run) {
    listen.call(this, type, (message) => {
      const data = JSON.parse(message.data);
      for (const service of data.services ?? [])
        if (service.resources.MEMORY) Object.assign(service.resources.MEMORY, ended);
      for (const r of data.summary?.resources ?? [])
        if (r.resource_type === 'MEMORY') Object.assign(r, ended);
      run({ data: JSON.stringify(data) });
    });
  };
}

test('what has ended is no data, never zero', async () => {
  const page = await openOverview(browser, daemon.url, {
    init: withEnded,
    hash: '#/overview?open=host%2FMEMORY',
  });
  const cell = page.locator('.hm .cell[aria-label^="host Memory"]');
  assert.match(await cell.getAttribute('aria-label'), /no figure, no data/);
  assert.doesNotMatch(await cell.innerText(), /\d/);
  const meter = page.locator('[data-resource=MEMORY]');
  assert.equal(await meter.locator('.val').innerText(), '–');
  assert.match(await meter.locator('.ft').innerText(), /No data now/);
  await page.waitForSelector('.drw .stats');
  const text = (await page.locator('.drw .stats').first().innerText()).replaceAll('\u00a0', ' ');
  assert.match(text, /Now\s+– \/ [\d.,]+ \w?iB/);
  assert.match(text, /Utilization\s+–/);
  assert.match(text, /Free\s+–/);
  await page.context().close();
});

test('the overview shows ready of wanted, the drawer kind, requests and limits', async () => {
  const page = await openOverview(browser, daemon.url, {
    init: withFacts,
    hash: '#/overview?open=host%2FCPU',
  });
  const row = page.locator('.hm tr:has([data-row=host])');
  assert.match(await row.innerText(), /11 of 12/);
  assert.match(await row.innerText(), /Deployment/);
  await page.waitForSelector('.drw .stats');
  const text = (await page.locator('.drw').innerText()).replaceAll('\u00a0', ' ');
  assert.match(text, /Kind\s+Deployment/);
  assert.match(text, /ready of wanted\s+11 of 12/);
  assert.match(text, /CPU, requested and limit\s+6 cores \/ 12 cores/);
  assert.match(text, /Memory, requested and limit\s+6 GiB \/ none/);
  await page.context().close();
});

for (const theme of ['light', 'dark'])
  for (const viewport of [WIDE, PHONE])
    test(`axe and no sideways scroll, ${theme}, ${viewport.width} px`, async () => {
      for (const answer of [fleet, many, bare]) {
        const page = await openSources(answer, { theme, viewport, hash: '#/sources?sort=-name' });
        assert.equal(await page.locator('h1').count(), 1);
        assert.deepEqual(await axeViolations(page), []);
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          'the page scrolls sideways',
        );
        for (const table of ['.srct', '.found', '.unm'])
          assert.ok(
            await page.evaluate((css) => {
              const box = document.querySelector(css)?.parentElement;
              return !box || box.scrollWidth <= box.clientWidth;
            }, table),
            `${table} is wider than its card`,
          );
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    });

test('the overview with 400 services of sixty characters', { skip: !owned }, async () => {
  const name = (i) =>
    `prod-eu/payments/reconciliation-of-end-of-day-settlements-${String(i).padStart(3, '0')}`;
  await push(
    Array.from({ length: 400 }, (_, i) => ({
      service: name(i),
      resource_type: i % 2 ? 'API_CALLS' : 'CPU',
      current_value: i === 7 ? 9.9 : 1 + (i % 7), // a long name in the verdict, too
      capacity: 10,
    })),
  );
  for (const viewport of [WIDE, PHONE]) {
    const page = await openOverview(browser, daemon.url, { viewport });
    await until('all of them', 20_000, async () =>
      /of 40\d/.test(await page.locator('.pager').first().innerText()),
    );
    assert.equal(await page.locator('.hm tbody tr').count(), 50);
    assert.ok(
      await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      'the page scrolls sideways',
    );
    const box = await page
      .locator('.hm')
      .evaluate((table) => [table.parentElement.scrollWidth, table.parentElement.clientWidth]);
    assert.ok(box[0] <= box[1], `the heat map is ${box[0]} wide in ${box[1]}`);
    // The end of a name tells the services apart.
    assert.deepEqual(await axeViolations(page), []);
    await page.context().close();
  }
});

test('the page agrees with the daemon', async (t) => {
  if (!served) return t.skip('this daemon has no /api/v1/discovery');
  const page = await open(browser, daemon.url, { hash: '#/sources', ready: '.panels' });
  const answer = await daemon.get('discovery');
  assert.deepEqual(
    await page.locator('.srct th b').allInnerTexts(),
    answer.sources.map((s) => s.name),
  );
  const shown = await page.locator('.kpi:has(.l:text-is("Services found")) .v').innerText();
  assert.equal(Number(shown.replace(',', '')), answer.services.length);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
