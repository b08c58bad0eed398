// A store that cannot write: the page says so, stays live, and draws what it hears.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { launch, openOverview, until } from './browser.mjs';
import { Daemon, owned } from './daemon.mjs';

const LOCK = `
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute('BEGIN EXCLUSIVE')
print('locked', flush=True)
time.sleep(600)
`;
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

test('a locked store is said, the chart goes on, and it recovers alone', { skip: !owned }, async () => {
  const lock = spawn('python3', ['-c', LOCK, `${daemon.directory}/data/loadline.db`]);
  await new Promise((resolve) => lock.stdout.once('data', resolve));
  try {
    const page = await openOverview(browser, daemon.url);
    await page.getByText('Storage fails').waitFor();
    await page.getByText(/failed: .*locked/).waitFor();
    await page.locator('.live.on').waitFor();
    // The history is asked for again each ten seconds; between, the line must not start anew.
    await page.waitForTimeout(12_000);
    await page.locator('.fleet').getByRole('button', { name: 'Data table' }).click();
    const rows = await page.locator('.fleet .dt tbody tr td:nth-child(3)').allInnerTexts();
    const heard = rows.slice(0, 11); // newest first; what came before the page opened is lost
    assert.ok(heard.length > 10 && heard.every((text) => /%/.test(text)), `memory: ${heard}`);
    lock.kill();
    await page.getByText('All good').waitFor();
    await until('live', 5_000, () => page.locator('.live.on').count());
    assert.deepEqual(page.faults, []);
  } finally {
    lock.kill();
  }
});
