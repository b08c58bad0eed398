// Debian's Chromium with a fresh profile, and pages that note what they must not do.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const fromWeb = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = fromWeb('playwright-core');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const AXE = readFileSync(fromWeb.resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 90_000; // the machine may be busy with other tests
export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
export const TABS = ['overview', 'forecast', 'scaling', 'cost'];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens the page and waits until live data is on it. page.faults lists errors and violations. */
export async function open(
  browser,
  url,
  { hash = '', viewport = WIDE, theme = 'light', zone = 'America/New_York', ready = '#main h1', init } = {},
) {
  const context = await browser.newContext({
    viewport,
    colorScheme: theme,
    timezoneId: zone,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  page.faults = [];
  page.visited = [];
  page.on('pageerror', (error) => page.faults.push(`error: ${error.message}`));
  page.on('request', (request) => page.visited.push(request.url()));
  await page.exposeFunction('noteViolation', (what) => page.faults.push(`CSP: ${what}`));
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      window.noteViolation(
        `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      ),
    ),
  );
  if (init) await page.addInitScript(init);
  await page.goto(url + hash);
  await page.waitForSelector(ready);
  return page;
}

/** Opens the overview and waits for the meters and the chart. */
export async function openOverview(browser, url, options = {}) {
  return open(browser, url, { ...options, ready: '.fleet .u-over' });
}

/** The figure of a meter as a number, or null where the page shows none. */
export async function meterPct(page, type) {
  const text = await page.locator(`[data-resource=${type}] .val`).innerText();
  const number = parseFloat(text);
  return Number.isNaN(number) ? null : number;
}

export async function until(what, ms, check) {
  const end = Date.now() + ms;
  let last;
  while (Date.now() < end) {
    last = await check();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what}: not within ${ms} ms, last ${last}`);
}

/** What axe finds wrong on the page as it stands. */
export async function axeViolations(page) {
  // Through the debugger, not a script element: the page's own policy would refuse that.
  await page.evaluate(AXE);
  const result = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    RULES,
  );
  return result.violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((n) => `${n.target.join(' ')} (${n.failureSummary.split('\n')[1]?.trim()})`)
        .slice(0, 3)
        .join('; ')}`,
  );
}
