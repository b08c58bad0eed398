// Every key of the help page does what it says.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openOverview } from './browser.mjs';
import { Daemon } from './daemon.mjs';

let daemon;
let browser;
let page;

before(async () => {
  daemon = await Daemon.start();
  browser = await launch();
  page = await openOverview(browser, daemon.url);
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

const hash = () => page.evaluate(() => location.hash);
const focused = (attribute) => page.evaluate((name) => document.activeElement?.getAttribute(name), attribute);

test('g then o, f, s, c goes to the tabs', async () => {
  for (const [key, tab] of [
    ['f', 'forecast'],
    ['s', 'scaling'],
    ['c', 'cost'],
    ['o', 'overview'],
  ]) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForFunction((id) => location.hash.startsWith(`#/${id}`), tab);
  }
  await page.waitForSelector('.fleet .u-over');
});

test('t takes the next range, z the other zone, d the other theme', async () => {
  await page.keyboard.press('t');
  assert.match(await hash(), /from=now-7d/);
  await page.keyboard.press('z');
  assert.match(await hash(), /tz=utc/);
  await page.keyboard.press('z');
  assert.match(await hash(), /tz=local/);
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), 'light');
  await page.keyboard.press('d');
  assert.equal(await theme(), 'dark');
  await page.keyboard.press('d');
  assert.equal(await theme(), 'light');
});

test('/ goes to the filter and Esc leaves it', async () => {
  await page.keyboard.press('/');
  assert.equal(await focused('id'), 'filter');
  await page.keyboard.type('no such service');
  await page.getByText('No service is called').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  assert.notEqual(await focused('id'), 'filter');
});

test('j and k move through the services, Enter opens, Esc closes and gives the focus back', async () => {
  await page.keyboard.press('j');
  const first = await focused('data-row');
  assert.ok(first);
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  assert.equal(await focused('data-row'), first);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drw');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drw', { state: 'detached' });
  assert.equal(await focused('data-row'), first);
});

test('? shows the keys, Esc closes them; single keys can be turned off', async () => {
  await page.keyboard.press('?');
  await page.waitForSelector('.help[open]');
  await page.getByLabel('Single-key shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.waitForSelector('.help', { state: 'detached' });
  const before = await hash();
  await page.keyboard.press('t');
  assert.equal(await hash(), before);
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.pal[open]');
  await page.keyboard.type('keys');
  await page.keyboard.press('Enter');
  await page.getByLabel('Single-key shortcuts').check();
  await page.keyboard.press('Escape');
  await page.waitForSelector('.help', { state: 'detached' });
});

test('Ctrl K finds and does', async () => {
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.pal[open]');
  await page.keyboard.type('host, cpu');
  await page.waitForSelector('.pal .it.on');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drw h2:text("host, CPU")');
  await page.keyboard.press('Escape');
});

test('. holds the picture and follows again', async () => {
  await page.keyboard.press('.');
  await page.locator('.live.held').waitFor();
  const sub = page.locator('.card:has(h2:text("Loadline itself")) .sub');
  const held = await sub.innerText();
  await page.waitForTimeout(3_000);
  assert.equal(await sub.innerText(), held);
  await page.keyboard.press('.');
  await page.locator('.live.on').waitFor();
});

test('on a chart: arrows move the cursor and say the values, + - 0 zoom, t shows the table', async () => {
  const figure = page.locator('.fleet figure');
  await figure.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await page.waitForSelector('.fleet .tip:not([hidden])');
  await page.waitForFunction(() =>
    /CPU .*%/.test(document.querySelector('.fleet figure [role=status]').textContent),
  );
  for (const key of ['+', '-', '+', '0']) await page.keyboard.press(key);
  const before = await hash();
  await page.keyboard.press('t');
  await page.waitForSelector('.fleet .dt tbody tr');
  assert.equal(await hash(), before, 't on a chart changed the range too');
  await page.keyboard.press('t');
  await page.waitForSelector('.fleet .dt', { state: 'detached' });
});

test('the first Tab offers to skip to the content', async () => {
  await page.reload();
  await page.waitForSelector('.fleet .u-over');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await focused('id'), 'main');
});
