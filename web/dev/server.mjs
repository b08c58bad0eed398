#!/usr/bin/env node
// DEVELOPMENT ONLY: serves web/dist and invented data in the shapes of the HTTP API, so that
// the dashboard can be worked on without the daemon.  Nothing that ships or is tested as the
// product uses it.  CPU and memory of `host` are this machine's; all else is made up.
//
//   node dev/server.mjs [serve] [--web.listen-address=127.0.0.1:7390] [--scene=fleet|host|many]
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, freemem, hostname, totalmem } from 'node:os';
import { extname, join } from 'node:path';
import { discoveryOf, fleet, historyOf, limitsOf } from './scene.mjs';

const flag = (name, usual) =>
  process.argv
    .find((a) => a.startsWith(`--${name}=`))
    ?.split('=')
    .slice(1)
    .join('=') ?? usual;
const [address, port] = flag('web.listen-address', '127.0.0.1:7390').split(':');
const scene = flag('scene', 'fleet');
const dist = new URL('../dist/', import.meta.url).pathname;
const started = Date.now();
const keptMs = Number(flag('kept-seconds', String(11 * 86400))) * 1000; // how old the oldest sample was at the start
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'self'";
const MIME = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

let sequence = 1;
let cpuPct = null;
let before = null;
const viewers = new Set();

function readCpu() {
  const sum = cpus().reduce(
    (a, c) => ({
      idle: a.idle + c.times.idle,
      all: a.all + Object.values(c.times).reduce((x, y) => x + y, 0),
    }),
    { idle: 0, all: 0 },
  );
  if (before && sum.all > before.all) cpuPct = 100 * (1 - (sum.idle - before.idle) / (sum.all - before.all));
  before = sum;
}

const live = () => ({
  cpuPct,
  cores: cpus().length,
  used: totalmem() - freemem(),
  memory: totalmem(),
  instance: hostname(),
});
const world = () => fleet(scene, Date.now(), live());

function status() {
  return {
    version: '0.0.0-dev',
    state: 'ok',
    uptime_seconds: (Date.now() - started) / 1000,
    pid: process.pid,
    environment: 'dev server',
    mode: 'observe',
    collectors: [
      {
        name: 'host',
        up: true,
        last_success: new Date().toISOString(),
        age_seconds: 0.4,
        interval_seconds: 15,
        samples: 42,
        duration_ms: 1.9,
        error: null,
      },
    ],
    engine: { series: 78, max_series: 20000, check_interval_seconds: 1, last_tick_ms: 0.42 },
    storage: {
      state: 'ok',
      error: null,
      bytes: 212e6,
      samples: 98765,
      oldest: new Date(started - keptMs).toISOString(),
      retention_seconds: 90 * 86400,
      last_commit_ms: 4.1,
    },
    stream: { clients: viewers.size, max_clients: 64 },
    config: {
      file: null,
      hash: '9f2c',
      loaded: new Date(started).toISOString(),
      last_reload_successful: true,
    },
  };
}

const EVENTS = () =>
  [
    [5, 60e3, 'status', 'kafka-events', 'DISK', 'Disk WARNING', '83.4 % of 9 TiB', 'ABOVE_WARNING'],
    [
      4,
      400e3,
      'status',
      'positions-db',
      'CONNECTIONS',
      'Connections CRITICAL',
      '88.2 % of 400',
      'ABOVE_CRITICAL',
    ],
    [3, 900e3, 'status', 'quote-cache', 'MEMORY', 'Memory HEALTHY', '71.3 % of 384 GiB', 'BELOW_WARNING'],
    [2, 2000e3, 'collector', '', null, 'Collector host up', 'first samples after 0.4 s', ''],
    [1, 2001e3, 'start', '', null, 'Started', '0.0.0-dev, observe', ''],
  ].map(([id, ago, kind, service, resource_type, title, detail, reason]) => ({
    id,
    timestamp: new Date(started - ago).toISOString(),
    kind,
    service,
    resource_type,
    title,
    detail,
    reason,
  }));

const message = (extra) => ({ sequence, ...world(), status: status(), events: EVENTS(), ...extra });
const send = (to, event, data) =>
  to.write(`event: ${event}\nid: ${sequence}\ndata: ${JSON.stringify(data)}\n\n`);

setInterval(() => {
  readCpu();
  sequence++;
  for (const viewer of viewers) send(viewer, 'delta', message({ removed: [], events: [] }));
}, 1000);
setInterval(
  () => viewers.forEach((v) => send(v, 'heartbeat', { sequence, timestamp: new Date().toISOString() })),
  5000,
);

function problem(res, code, detail) {
  res.writeHead(code, { 'Content-Type': 'application/problem+json' });
  res.end(
    JSON.stringify({ type: '/docs/errors', title: 'Bad request', status: code, detail, request_id: 'dev-1' }),
  );
}

const time = (text, now) =>
  /^now-/.test(text) ? now - parseInt(text.slice(4), 10) * { h: 3600, d: 86400 }[text.at(-1)] : Number(text);

const ROUTES = {
  metrics(q) {
    const now = Math.floor(Date.now() / 1000);
    const step = Number(q.get('step') ?? 300);
    const from = Math.floor(time(q.get('from') ?? 'now-24h', now) / step) * step;
    const since = (started - keptMs) / 1000;
    const found = historyOf(
      scene,
      q.get('service'),
      q.get('resource_type'),
      from,
      Math.min(now, time(q.get('to') ?? String(now), now)),
      step,
      live(),
    );
    for (const column of Object.values(found.columns))
      column.forEach((_, i) => from + i * step < since && (column[i] = null));
    return found;
  },
  summary: () => world().summary,
  services: () => ({ items: world().services, next_cursor: null }),
  top: (q) => ({ items: world().all.slice(0, Number(q.get('limit') ?? 10)) }),
  limits: (q) => ({ items: limitsOf(world().services, q.get('service'), q.get('resource_type')) }),
  events: () => ({ items: EVENTS() }),
  peaks: () => ({ items: [] }), // forecasts are not invented: the tab shows what it shows without
  discovery: () => discoveryOf(scene, Date.now(), live()),
  status,
  session: () => ({ role: 'editor', authenticated: false }),
};

function stream(req, res) {
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write('retry: 2000\n\n');
  viewers.add(res);
  send(res, 'snapshot', message());
  req.on('close', () => viewers.delete(res));
}

createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  const api = url.pathname.match(/^\/api\/v1\/(\w+)$/)?.[1];
  if (api === 'stream') return stream(req, res);
  if (api) {
    const route = ROUTES[api];
    if (!route || url.searchParams.get('service') === 'broken')
      return problem(res, route ? 503 : 404, 'no such route in the dev server');
    res.writeHead(200, { 'Content-Type': 'application/json' });
    return res.end(JSON.stringify(route(url.searchParams)));
  }
  const file = join(dist, url.pathname === '/' ? 'index.html' : url.pathname.slice(1));
  if (!file.startsWith(dist) || !existsSync(file)) return problem(res, 404, 'not found');
  res.writeHead(200, { 'Content-Type': MIME[extname(file)], 'Content-Security-Policy': CSP });
  createReadStream(file).pipe(res);
}).listen(Number(port), address, () => console.log(`dev server, invented data: http://${address}:${port}`));
process.on('SIGTERM', () => process.exit(0));
