// What a browser makes of pages: the DOM, the background, what is too wide, where the first Tab goes, and what axe-core has to
// say. Called by `check-page` with one file of JSON; answers with JSON. Starts one browser for all of it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const job = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { chromium } = createRequire(job.home)('playwright-core');
const axe = readFileSync(createRequire(job.home).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath: job.browser,
  args: ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', ...(job.root ? ['--no-sandbox'] : [])],
});

async function opened(page, { scheme, width, height = 1200 }) {
  // Everything that a page asks for is an answer to the question whether it asks for anything.
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height }, bypassCSP: true });
  const tab = await context.newPage();
  const asked = [];
  tab.on('request', request => asked.push(request.url()));
  await tab.goto(page);
  return { context, tab, asked };
}

const seen = [];
for (const page of job.pages) {
  const looks = [];
  let dom;
  for (const scheme of ['light', 'dark']) {
    for (const width of [1440, 390]) {
      const { context, tab, asked } = await opened(page, { scheme, width });
      dom ??= await tab.content();
      await tab.keyboard.press('Tab');
      const first = await tab.evaluate(() => document.activeElement.className);
      await tab.evaluate(() => document.querySelectorAll('details').forEach(one => { one.open = true; }));
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      const background = await tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await tab.evaluate(axe);
      const violations = await tab.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] }))
        .violations.map(v => `${v.id}: ${v.help} at ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')}`));
      looks.push({ scheme, width, first, wide, background, violations, asked });
      await context.close();
    }
  }
  seen.push({ dom, looks });
}
for (const shot of job.shots) {
  const { context, tab } = await opened(shot.page, shot);
  await tab.screenshot({ path: shot.out });
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
