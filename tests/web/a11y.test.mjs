// axe finds nothing on four tabs, two themes, two widths, nor with what lies over the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axeViolations, launch, open, openOverview, PHONE, TABS, WIDE } from './browser.mjs';
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

for (const theme of ['light', 'dark']) {
  for (const viewport of [WIDE, PHONE]) {
    const where = `${theme}, ${viewport.width} px`;
    for (const tab of TABS) {
      test(`${tab}, ${where}`, async () => {
        const page =
          tab === 'overview'
            ? await openOverview(browser, daemon.url, { theme, viewport })
            : await open(browser, daemon.url, { hash: `#/${tab}`, theme, viewport, ready: { forecast: '.emp h1', scaling: '.waiting h3', cost: '.waiting h1' }[tab] });
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
        assert.equal(await page.locator('h1').count(), 1);
        assert.deepEqual(await axeViolations(page), []);
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          'the page scrolls sideways',
        );
        await page.context().close();
      });
    }

    test(`drawer, ${where}`, async () => {
      const page = await openOverview(browser, daemon.url, {
        hash: '#/overview?open=host%2FMEMORY',
        theme,
        viewport,
      });
      await page.waitForSelector('.drw .u-over');
      await page.getByRole('button', { name: 'Data table' }).last().click();
      await page.waitForSelector('.drw .dt tbody tr');
      assert.deepEqual(await axeViolations(page), []);
      await page.context().close();
    });

    test(`palette and help, ${where}`, async () => {
      const page = await openOverview(browser, daemon.url, { theme, viewport });
      await page.keyboard.press('Control+k');
      await page.waitForSelector('.pal[open] .it');
      assert.deepEqual(await axeViolations(page), []);
      await page.keyboard.press('Escape');
      await page.waitForSelector('.pal', { state: 'detached' });
      await page.keyboard.press('?');
      await page.waitForSelector('.help[open]');
      assert.deepEqual(await axeViolations(page), []);
      await page.context().close();
    });
  }
}
