// The forecast tab over real series: what it shows is what the API says, and what is not known it
// says too.  The daemon lived two days with its clock set back, so some of it has come true.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { axeViolations, launch, open, PATIENCE_MS, PHONE, until, WIDE } from './browser.mjs';
import { owned } from './daemon.mjs';
import { realSeries, startWithPast, withZeros } from './past.mjs';

const CALENDAR = 'services:\n  - name: trade-feed\n    calendar: XNYS\n';
const READY = '.fan .u-over';
let daemon;
let browser;

before(async () => {
  if (!owned) return;
  const bikes = realSeries('operations_hourly', 'bikeshare_dc');
  const bits = realSeries('operations_hourly', 'isp_eu_bits_5min');
  const shares = withZeros(realSeries('trade_us_hourly_spy', 'spy_volume').slice(-600));
  daemon = await startWithPast(
    [
      { service: 'order-gateway', resource_type: 'API_CALLS', rows: bikes, capacity: 900 },
      {
        service: 'edge',
        resource_type: 'NETWORK',
        rows: bits.map(({ t, value }) => ({ t, value: value / 8 })),
        capacity: 4e9,
      },
      { service: 'trade-feed', resource_type: 'QUEUE_DEPTH', rows: shares, capacity: 3.2e7 },
    ],
    [49, 25],
    CALENDAR,
  );
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** Whether forecasts may have been made anew since then: they are on the hour, and it takes a while. */
function turned(since) {
  const hour = 3_600_000;
  return Math.floor(Date.now() / hour) * hour > since - 120_000;
}

/** A test whose pages are gone after it: each asks the daemon again and again.  What page and API
 *  said on two sides of an hour is no fault: then it is asked again. */
function check(name, run) {
  test(name, { skip: !owned && 'needs a daemon of its own' }, async () => {
    for (let agreed = false; !agreed;) {
      const since = Date.now();
      try {
        await run();
        agreed = true;
      } catch (error) {
        if (!turned(since)) throw error;
      } finally {
        for (const context of browser.contexts()) await context.close();
      }
    }
  });
}

const show = (hash, more = {}) => open(browser, daemon.url, { hash: `#/forecast${hash}`, ready: READY, ...more });
const series = (service, type) => `service=${service}&resource_type=${type}`;
const gateway = series('order-gateway', 'API_CALLS');
const plain = (text) => text.replaceAll('\u00a0', ' ');
const card = (page, title) => page.locator(`.card:has(h2:text-is("${title}"))`);
const number = (text) => parseFloat(plain(text).replace('−', '-'));

/** "1.04 k/s" as a number. */
function amountOf(text) {
  const [, digits, prefix = ''] = plain(text).match(/([−\d.,]+)\s*([kMGT]?)/);
  return number(digits.replaceAll(',', '')) * { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[prefix];
}

/** Half a unit of the last place that a number shows: 2.2 stands for all from 2.15 to 2.25. */
const halfPlace = (shown) => 0.5 * 10 ** -(String(shown).split('.')[1]?.length ?? 0);

/** The page rounds to two or three figures. */
const near = (shown, value, what) =>
  assert.ok(
    Math.abs(shown - value) <= Math.max(0.006 * Math.abs(value), halfPlace(shown)) + 1e-9,
    `${what}: page ${shown}, API ${value}`,
  );

check('the table of the chart has the points of the API, what came, and what was said', async () => {
  const page = await show('?svc=order-gateway&res=api_calls&tz=utc');
  await card(page, 'Demand forecast').getByRole('button', { name: 'Data table' }).click();
  const heads = (await page.locator('.fan .dt th').allInnerTexts()).map(plain);
  assert.deepEqual(heads, [
    'Time, UTC',
    '95 % lower',
    '95 % upper',
    '80 % lower',
    '80 % upper',
    'Forecast, median',
    'Actual',
    'Said 24 h ago',
    'Capacity',
  ]);
  const forecast = await daemon.get(`forecasts?${gateway}`);
  const last = forecast.points[forecast.points.length - 1];
  const cells = await page.locator('.fan .dt tbody tr').first().locator('td').allInnerTexts();
  assert.ok(cells[0].includes(last.timestamp.slice(11, 16)), `${cells[0]} is not ${last.timestamp}`);
  near(amountOf(cells[1]), last.confidence_lower, 'lower');
  near(amountOf(cells[2]), last.confidence_upper, 'upper');
  near(amountOf(cells[4]), last.upper_80, '80 %');
  near(amountOf(cells[5]), last.predicted_value, 'median');
  assert.equal(cells[6], '–', 'the future has no actual');
  assert.equal(amountOf(cells[8]), 900);

  await page.getByRole('button', { name: 'Older' }).click();
  const rows = await page.locator('.fan .dt tbody tr').evaluateAll((all) =>
    all.map((tr) => [...tr.cells].map((td) => td.textContent)),
  );
  const came = rows.find((cell) => cell[6] !== '–' && cell[7] !== '–');
  assert.ok(came, 'nothing that came stands beside what was said');
  const said = await daemon.get(`forecasts?${gateway}&made_by=now-24h`);
  const then = said.points.find((p) => came[0].includes(` ${p.timestamp.slice(11, 16)}:`));
  near(amountOf(came[7]), then.predicted_value, 'said 24 h ago');
  assert.deepEqual(page.faults, []);
});

check('how the old forecast came out is in the legend', async () => {
  const page = await show('?svc=order-gateway&res=api_calls');
  const { forecast_id } = await daemon.get(`forecasts?${gateway}&made_by=now-24h`);
  const { wape, compared } = await daemon.get(`forecasts/${forecast_id}/accuracy`);
  assert.ok(compared >= 20, `${compared} steps came`);
  const legend = plain(await page.locator('.fanlg').innerText());
  near(number(legend.match(/off by ([\d.]+) %/)[1]), 100 * wape, 'error so far');
});

check('the next peak is that of the forecast, with its chance', async () => {
  const page = await show('?svc=order-gateway&res=api_calls&tz=utc');
  const { peak } = await daemon.get(`forecasts?${gateway}`);
  const text = plain(await card(page, 'Next peak').innerText());
  near(amountOf(await page.locator('.nextpeak .hero').innerText()), peak.value, 'peak');
  assert.ok(text.includes(`${peak.timestamp.slice(11, 16)} UTC`), text);
  near(amountOf(text.match(/No higher, 95 % sure\s+(.*)/)[1]), peak.upper_95, 'upper');
  const chance = text.match(/Chance above capacity\s+([<>]?) ?(\d+) %/);
  if (!chance[1]) assert.equal(Number(chance[2]), Math.round(100 * peak.exceeds_capacity));
  const words = peak.exceeds_capacity >= 0.5 ? 'Exceeds' : peak.exceeds_capacity >= 0.05 ? 'May exceed' : 'Enough';
  assert.match(text, new RegExp(words));
});

for (const [service, type] of [
  ['order-gateway', 'API_CALLS'],
  ['edge', 'NETWORK'],
]) {
  check(`accuracy of ${service} stands beside naive's, and is said plainly`, async () => {
    const page = await show(`?svc=${service}&res=${type.toLowerCase()}`);
    const { items } = await daemon.get(`accuracy?${series(service, type)}`);
    const row = items.filter((i) => i.compared > 0 && i.wape != null).pop();
    assert.ok(row, 'nothing was compared, though a day has passed');
    await page.locator('.accuracy .judged').waitFor();
    const text = plain(await card(page, 'Accuracy').innerText());
    near(number(await page.locator('.accuracy .hero').first().innerText()), 100 * row.wape, 'WAPE');
    assert.match(text, new RegExp(`WAPE, ${row.hours_ahead} h ahead`));
    near(number(text.match(/seasonal naive ([\d.]+) %/)[1]), 100 * row.seasonal_naive.wape, 'naive');
    near(number(await page.locator('.accuracy .hero').last().innerText()), 100 * row.coverage, 'coverage');
    assert.match(text, /inside the 95 % interval/);
    assert.match(text, row.wape > row.seasonal_naive.wape ? /Worse than naive/ : /less error than repeating/);
    assert.match(text, new RegExp(`Only ${row.compared} hours? w`)); // of few hours it says so
    const seasons = await daemon.get(`seasonality?${series(service, type)}`);
    assert.match(text, new RegExp(`${seasons.steps_with_data.toLocaleString('en-US')} with data`));
    const shown = await card(page, 'Rolling accuracy').locator('tbody tr').count();
    assert.equal(shown, items.length);
  });
}

check('without a choice it shows the likeliest to exceed; what is chosen is in the address', async () => {
  const page = await show('');
  const { items } = await daemon.get('peaks');
  const [risky] = items.sort((a, b) => (b.exceeds_capacity ?? -1) - (a.exceeds_capacity ?? -1));
  const service = page.getByRole('combobox', { name: /^Service/ });
  assert.equal(await service.inputValue(), risky.service);
  await service.selectOption('edge');
  await page.locator('.fan .sub', { hasText: 'edge, Network' }).waitFor();
  assert.match(page.url(), /svc=edge/);
  await page.getByRole('radio', { name: /^3.d$/ }).click();
  await page.waitForFunction(() => location.hash.includes('to=now%2B3d'));
  const again = await open(browser, page.url(), { ready: READY });
  assert.equal(await again.getByRole('radio', { name: /^3.d$/ }).getAttribute('aria-checked'), 'true');
  assert.match(await again.locator('.fan .sub').innerText(), /edge, Network/);
  await page.goBack();
  await page.goBack();
  await page.locator('.fan .sub', { hasText: risky.service }).waitFor();
  assert.equal(await page.locator('h1').count(), 1);
});

check('peaks of all series lead to each', async () => {
  const page = await show('?svc=order-gateway&res=api_calls');
  await page.getByRole('radio', { name: 'All series' }).click();
  await page.locator('.peaks').getByRole('button', { name: 'edge, Network' }).waitFor();
  assert.equal(await page.locator('.peaks tbody tr').count(), 3);
  await page.locator('.peaks').getByRole('button', { name: 'edge, Network' }).click();
  await page.locator('.fan .sub', { hasText: 'edge, Network' }).waitFor();
  assert.match(page.url(), /svc=edge&res=network/);
});

check('three days ahead are asked for beyond the usual one', async () => {
  const page = await show('?svc=order-gateway&res=api_calls&to=now%2B3d&tz=utc');
  await until('three days ahead', 10_000, async () => (await page.locator('.peaks tbody tr').count()) >= 3);
  assert.match(plain(await page.locator('.nextpeak .sub').innerText()), /^of (2 d 2\d h|3 d)/);
});

check('a market calendar: its zone, sessions, events in the voice of the chart', async () => {
  const page = await show('?svc=trade-feed&res=queue_depth&to=now%2B7d&tz=market', { zone: 'Europe/Berlin' });
  await page.getByRole('radio', { name: 'Market' }).waitFor();
  assert.match(await page.locator('.clock').innerText(), /E[SD]T/);
  assert.match(await page.locator('.fan .sub').innerText(), /E[SD]T/);
  assert.match(await page.locator('.fanlg').innerText(), /regular session/);
  assert.match(await page.locator('.profile .sub').innerText(), /market time \(XNYS\)/);
  assert.match(await page.locator('.peaks th').allInnerTexts().then(String), /Why/);
  const why = await page.locator('.peaks tbody tr td:nth-child(2)').allInnerTexts();
  assert.ok(why.includes('Market closed'), `no weekend in a week: ${why}`);
  // Saturday's cells of the usual week are zero, so none stands out.
  assert.equal(await page.locator('.week .wd').nth(5).locator('i.top').count(), 0);
  assert.equal(await page.locator('.week .wd').nth(1).locator('i.top').count(), 1);
  assert.deepEqual(page.faults, []);
});

check('a moment by keyboard and by mouse: time with its zone, median, intervals, capacity', async () => {
  const page = await show('?svc=order-gateway&res=api_calls&tz=utc');
  await page.locator('.fan figure').focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => /Forecast, median/.test(document.querySelector('.fan [role=status]').textContent));
  const spoken = plain(await page.locator('.fan figure [role=status]').innerText());
  assert.match(spoken, /UTC: Forecast, median .*80 % interval .* to .*95 % interval .* to .*Capacity 900/);
  await page.keyboard.press('t');
  await page.waitForSelector('.fan .dt tbody tr');
  await page.keyboard.press('t');
  await page.waitForSelector('.fan .dt', { state: 'detached' });
  const box = await page.locator('.fan .u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2);
  const tip = page.locator('.fan .tip:not([hidden])');
  await tip.waitFor();
  assert.match(plain(await tip.innerText()), /UTC[^]*Actual[^]*Capacity/);
  await page.keyboard.press('Escape');
  await page.locator('main').click({ position: { x: 2, y: 2 } });
  await page.keyboard.press('t'); // not on the chart: the next range
  await page.waitForFunction(() => location.hash.includes('to=now%2B3d'));
});

check('the usual week also as a table', async () => {
  const page = await show('?svc=order-gateway&res=api_calls');
  await page.locator('.week').waitFor();
  assert.match(await page.locator('.week').getAttribute('aria-label'), /highest: Mon \d\d:\d\d/);
  await card(page, 'Seasonal profile').getByRole('button', { name: 'Data table' }).click();
  const parts = await page.locator('.profile .dt tbody tr').count();
  assert.ok(parts === 24 || parts === 48, `${parts} parts of the day`);
});

check('what is missing and how long it takes', async () => {
  const host = await open(browser, daemon.url, { hash: '#/forecast?svc=host&res=cpu', ready: '.emp h1' });
  await host.getByText('Learning host, CPU').waitFor();
  assert.match(plain(await host.locator('.emp').innerText()), /of the two hours that a first forecast takes/);
  const nobody = await open(browser, daemon.url, { hash: '#/forecast?svc=nobody&res=cpu', ready: '.emp h1' });
  await nobody.getByText('No data of nobody, CPU').waitFor();
  assert.equal(await nobody.locator('h1').count(), 1);
  assert.deepEqual(await axeViolations(nobody), []);
});

check('CSV, picture and link of the chart', async () => {
  const page = await show('?tz=utc');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const menu = async (item) => {
    await page.getByRole('button', { name: 'Export the forecast' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const taken = async (item) => {
    const [file] = await Promise.all([page.waitForEvent('download'), menu(item)]);
    return readFileSync(await file.path());
  };
  assert.match((await taken('Download CSV')).toString(), /^time_utc,95_lower,95_upper,.*forecast_median,actual/);
  const png = await taken('Download picture');
  assert.equal(png.readUInt32BE(16), 1800);
  await menu('Copy link');
  await page.getByText('Link copied').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /svc=.+&res=/, 'the link leaves open which series');
});

for (const theme of ['light', 'dark'])
  for (const viewport of [WIDE, PHONE])
    check(`axe, ${theme}, ${viewport.width} px, with both tables`, async () => {
      const page = await show('?svc=trade-feed&res=queue_depth', { theme, viewport });
      await page.locator('.week').waitFor();
      await card(page, 'Demand forecast').getByRole('button', { name: 'Data table' }).click();
      await card(page, 'Seasonal profile').getByRole('button', { name: 'Data table' }).click();
      await page.locator('.profile .dt tbody tr').first().waitFor();
      assert.deepEqual(await axeViolations(page), []);
      assert.ok(
        await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
        'the page scrolls sideways',
      );
      assert.deepEqual(page.faults, []);
    });

check('a panel that fails says so alone', async () => {
  const page = await open(browser, daemon.url, { hash: '#/overview', ready: '.fleet .u-over' });
  await page.route('**/api/v1/accuracy*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'Unavailable', status: 503, detail: 'the store is locked' }),
    }),
  );
  await page.evaluate(() => (location.hash = '#/forecast'));
  await page.waitForSelector(READY);
  await page.locator('.accuracy').getByText('the store is locked').waitFor();
  await page.unroute('**/api/v1/accuracy*');
  await page.locator('.accuracy').getByRole('button', { name: 'Try again' }).click();
  await page.locator('.accuracy .judged').waitFor();
});

check('a lost daemon: the forecast stays, greyed, and follows again', async () => {
  const page = await show('?svc=order-gateway&res=api_calls');
  const peak = await page.locator('.nextpeak .hero').innerText();
  await daemon.down();
  await page.locator('.ban', { hasText: 'Live updates stopped' }).waitFor({ timeout: PATIENCE_MS });
  assert.equal(await page.locator('main.old').count(), 1);
  assert.equal(await page.locator('.nextpeak .hero').innerText(), peak);
  await daemon.up();
  await page.locator('.ban').waitFor({ state: 'detached', timeout: PATIENCE_MS });
  await until('the forecast is there again', 120_000, () => daemon.get(`forecasts?${gateway}`).catch(() => null));
  assert.deepEqual(page.faults, []);
});
