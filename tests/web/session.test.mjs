// With tokens configured the page asks for one, and says what to do when it is refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, launch, meterPct, open, PATIENCE_MS, PHONE, until, WIDE } from './browser.mjs';
import { Daemon, owned } from './daemon.mjs';

const TOKENS = { 'correct-horse': 'viewer', 'battery-staple': 'editor' };
// htpasswd -nbBC 10 alice wonder
const WONDER = '$2y$10$abcdefghijklmnopqrstuuM.QYO9dYACpw171TZl5APB53ah0sCme';
const options = { skip: !owned };
let daemon;
let browser;

before(async () => {
  if (owned) daemon = await Daemon.start({ tokens: TOKENS });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
});

const ready = '.sign';

async function signIn(page, token) {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a token signs in, the role is shown, the palette signs out', options, async () => {
  const page = await open(browser, daemon.url, { ready });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'token', 'the field has no focus');
  assert.equal(await page.getByRole('meter').count(), 0);
  await page.keyboard.type('correct-horse');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.fleet .u-over');
  assert.ok((await meterPct(page, 'MEMORY')) > 0);
  await page.getByRole('button', { name: 'Signed in as viewer' }).waitFor();
  assert.equal(await page.evaluate(() => document.cookie), '', 'a script can read the session');
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!kept.includes('correct-horse'), 'the page kept the token');

  await page.reload();
  await page.waitForSelector('.fleet .u-over');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('sign out');
  await page.getByText('signed in as viewer').waitFor();
  await page.keyboard.press('Enter');
  await page.waitForSelector(ready);
  assert.equal(await page.getByRole('meter').count(), 0, 'numbers stay after signing out');
  await page.reload();
  await page.waitForSelector(ready);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('a session that ends is said in amber, and signing in goes on', options, async () => {
  const page = await open(browser, daemon.url, { ready });
  await signIn(page, 'battery-staple');
  await page.waitForSelector('.fleet .u-over');
  daemon.setTokens({ 'correct-horse': 'viewer' }); // the editor's token is taken away
  await page.getByText('Signed out.').waitFor();
  assert.equal(await page.getByRole('meter').count(), 7, 'the page went blank');
  assert.ok(await page.locator('main.old').count(), 'old values are not marked as old');
  assert.deepEqual(await axeViolations(page), []);

  daemon.setTokens(TOKENS);
  await page.locator('.ban').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('.signd[open]');
  assert.deepEqual(await axeViolations(page), []);
  await until('the tokens are back', 10_000, async () => {
    const answer = await fetch(daemon.url + 'api/v1/summary', {
      headers: { Authorization: 'Bearer battery-staple' },
    });
    return answer.ok;
  });
  await page.locator('.signd').getByLabel('Token').fill('battery-staple');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.signd', { state: 'detached' });
  await page.locator('.live.on').waitFor();
  assert.equal(await page.locator('.ban').count(), 0);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

for (const theme of ['light', 'dark'])
  for (const viewport of [WIDE, PHONE])
    test(`axe on the panel, ${theme}, ${viewport.width} px`, options, async () => {
      const page = await open(browser, daemon.url, { ready, theme, viewport });
      assert.equal(await page.locator('h1').count(), 1);
      assert.deepEqual(await axeViolations(page), []);
      await page.context().close();
    });

test('passwords: the page offers them, and never by itself the dialog of the browser', options, async () => {
  daemon.setTokens(TOKENS, `basic_auth_users:\n  alice: ${WONDER}\n`);
  await until('passwords are taken', 10_000, async () =>
    /basic/i.test((await fetch(daemon.url + 'api/v1/summary')).headers.get('www-authenticate') ?? ''),
  );
  const context = await browser.newContext({ httpCredentials: { username: 'alice', password: 'wonder' } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const asked = [];
  page.on('response', (r) => asked.push(`${r.status()} ${r.headers()['www-authenticate'] ?? ''}`));
  await page.goto(daemon.url);
  await page.waitForSelector(ready);
  await page.getByRole('button', { name: /password/ }).click();
  await page.waitForSelector('.fleet .u-over');
  await context.close();
  daemon.setTokens(TOKENS);
});

// The last: it blocks this address for a minute.
test('a wrong token and too many of them say what to do', options, async () => {
  const page = await open(browser, daemon.url, { ready });
  await signIn(page, 'wrong');
  await page.getByText('wrong or has expired').waitFor();
  assert.deepEqual(await axeViolations(page), []);
  for (let i = 0; i < 12 && !(await page.getByText('Too many wrong').count()); i++) {
    await page.waitForFunction(() => !document.querySelector('.sign [type=submit]').disabled);
    await signIn(page, 'wrong');
    await page.waitForTimeout(150);
  }
  await page.getByText('Too many wrong').waitFor();
  await page.getByText(/Try again in \d+\ss/).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Sign in' }).isDisabled());
  assert.deepEqual(await axeViolations(page), []);
  assert.deepEqual(page.faults, []);
});
