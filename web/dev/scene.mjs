// DEVELOPMENT ONLY: invented services in the shapes of the HTTP API.
const TYPES = ['CPU', 'MEMORY', 'DISK', 'NETWORK', 'CONNECTIONS', 'QUEUE_DEPTH', 'API_CALLS'];
const UNITS = {
  CPU: 'cores',
  MEMORY: 'bytes',
  DISK: 'bytes',
  NETWORK: 'bytes_per_second',
  CONNECTIONS: 'connections',
  QUEUE_DEPTH: 'items',
  API_CALLS: 'calls_per_second',
};
const SIZE = {
  CPU: 12,
  MEMORY: 48 * 2 ** 30,
  DISK: 2 ** 40,
  NETWORK: 1.25e9,
  CONNECTIONS: 400,
  QUEUE_DEPTH: 5000,
  API_CALLS: 2900,
};
const LIMITS = {
  CPU: [70, 85],
  MEMORY: [80, 90],
  DISK: [80, 90],
  NETWORK: [70, 85],
  CONNECTIONS: [75, 88],
  QUEUE_DEPTH: [60, 80],
  API_CALLS: [70, 85],
};
const H = 3600;
const SERVICES = [
  ['order-gateway', 12, [48, 52, 21, 46, 57, 14, 48], 17.92 * H],
  ['positions-db', 3, [63, 74, 68, 34, 88.2, null, 41], 28 * H],
  ['market-data-feed', 18, [66, 49, 9, 79.1, 42, 22, null], 69 * H],
  ['risk-checks', 12, [76.8, 61, 12, 28, 31, 44, 64], 98 * H],
  ['kafka-events', 6, [44, 58, 83.4, 51, 36, 18, null], 216 * H],
  ['fix-sessions', 10, [41, 46, 14, 38, 69, 11, 37], 528 * H],
  ['quote-cache', 6, [37, 71.3, null, 55, 48, null, 58], 744 * H],
  ['matching-engine', 8, [58, 55, 31, 44, 22, 9, 52], 912 * H],
  ['trade-capture', 9, [46, 43, 52, 29, 27, 33, 40], null],
  ['auth-api', 6, [29, 34, 8, 17, 38, null, 44], null],
  ['web-portal', 14, [18, 27, 11, 14, 19, null, 21], null],
  ['settlement-batch', 8, [6, 14, 47, 5, 4, 2, 3], null],
];
const AREAS = ['payments', 'orders', 'market-data', 'risk', 'clearing', 'identity', 'reporting'];
const PARTS = ['api', 'worker', 'ledger-writer', 'reconciliation-of-end-of-day-settlements', 'cache', 'db'];
/** Sixty characters and more are usual where a name is cluster/namespace/name. */
const longName = (i) =>
  `prod-eu/${AREAS[i % AREAS.length]}/${PARTS[i % PARTS.length]}-${String(i).padStart(3, '0')}`;
const MANY = Array.from({ length: 500 }, (_, i) => [
  longName(i),
  1 + (i % 7),
  TYPES.map((_, r) => (i * 37 + r * 13) % 71),
  null,
]);
const KINDS = {
  'positions-db': 'StatefulSet',
  'kafka-events': 'StatefulSet',
  'market-data-feed': 'DaemonSet',
  'settlement-batch': 'unit',
  host: null,
};
const GIB = 2 ** 30;
const hash = (text) => [...text].reduce((h, c) => (h * 31 + c.charCodeAt(0)) >>> 0, 7);

/** A factor around 1 that wanders over the day, the same for the same second. */
function wave(key, t) {
  const p = hash(key) % 1000;
  const hour = (t / H) % 24;
  const open = Math.exp(-(((hour - 9.6) / 0.5) ** 2)) * 0.35 + Math.exp(-(((hour - 16) / 0.8) ** 2)) * 0.15;
  return (
    0.82 +
    open +
    0.1 * Math.sin(t / 5000 + p) +
    0.04 * Math.sin(t / 700 + p * 2) +
    0.02 * Math.sin(t / 61 + p)
  );
}

function pctAt(service, type, base, t) {
  const steady = type === 'DISK' || type === 'MEMORY' ? 0.08 : 1;
  return Math.min(99, base * (1 + (wave(service + type, t) - 0.9) * steady));
}

function statusOf(type, pct) {
  if (pct == null) return ['UNKNOWN', 'NO_CAPACITY'];
  const [warning, critical] = LIMITS[type];
  return pct >= critical
    ? ['CRITICAL', 'ABOVE_CRITICAL']
    : pct >= warning
      ? ['WARNING', 'ABOVE_WARNING']
      : ['HEALTHY', 'BELOW_WARNING'];
}

function rows(scene, live) {
  const host = [
    'host',
    1,
    [live.cpuPct ?? 10, (100 * live.used) / live.memory, 4.81, null, 3.2, 0.4, null],
    null,
  ];
  return scene === 'host' ? [host] : scene === 'many' ? [host, ...MANY] : [...SERVICES, host];
}

function cellOf(name, instances, type, base, now, live) {
  if (base == null && name !== 'host') return null;
  if (base == null && type !== 'NETWORK') return null;
  const real = name === 'host' && (type === 'CPU' || type === 'MEMORY');
  const pct = base == null ? null : real ? base : pctAt(name, type, base, now / 1000);
  const capacity =
    base == null
      ? null
      : name === 'host'
        ? ({ CPU: live.cores, MEMORY: live.memory }[type] ?? SIZE[type])
        : SIZE[type] * instances;
  const [status, status_reason] = statusOf(type, pct);
  return {
    current_value: pct == null ? 1.84e5 : (pct / 100) * capacity,
    capacity,
    unit: UNITS[type],
    utilization_pct: pct,
    peak_24h_pct: pct == null ? null : Math.min(99, pct * 1.2),
    warning_pct: LIMITS[type][0],
    critical_pct: LIMITS[type][1],
    p95_7d_pct: pct && Math.min(98, pct * 1.1),
    time_to_limit_seconds: null,
    status,
    status_reason,
    stale: name === 'auth-api' && type === 'DISK',
    worst: {
      instance: name === 'host' ? live.instance : `${name}-${hash(name) % instances}`,
      part: type === 'DISK' ? '/' : '',
      utilization_pct: pct,
      status,
    },
  };
}

/** What a source tells of a service: order-gateway misses an instance, a batch has no limits. */
export function factsOf(name, instances) {
  if (name === 'host')
    return { kind: null, source: 'host', desired: null, ready: null, requests: null, limits: null };
  const unit = KINDS[name] === 'unit';
  const h = hash(name);
  return {
    kind: KINDS[name] ?? 'Deployment',
    source: unit ? 'vms' : 'prod',
    desired: unit ? null : instances,
    ready: unit ? null : instances - (name === 'order-gateway' || h % 41 === 3 ? 1 : 0),
    requests: unit
      ? null
      : { CPU: instances * (0.25 + (h % 4) / 4), MEMORY: instances * (1 + (h % 3)) * 0.5 * GIB },
    limits:
      unit || h % 9 === 1
        ? null
        : { CPU: instances * (1 + (h % 4)), MEMORY: instances * (1 + (h % 3)) * GIB },
  };
}

const RANK = ['UNKNOWN', 'HEALTHY', 'OVER_PROVISIONED', 'UNDER_PROVISIONED', 'WARNING', 'CRITICAL'];
const worse = (a, b) => (RANK.indexOf(a) > RANK.indexOf(b) ? a : b);

function servicesOf(scene, now, live) {
  return rows(scene, live).map(([name, instances, bases, headroom]) => {
    const resources = {};
    TYPES.forEach((type, i) => {
      const cell = cellOf(name, instances, type, bases[i], now, live);
      if (cell) resources[type] = cell;
    });
    const status =
      name === 'web-portal' || name === 'settlement-batch'
        ? 'OVER_PROVISIONED'
        : Object.values(resources)
            .map((c) => c.status)
            .reduce(worse, 'UNKNOWN');
    return {
      service: name,
      environment: '',
      cluster: '',
      namespace: '',
      team: '',
      owner: '',
      tier: '',
      venue: '',
      site: '',
      instances,
      instances_source: 'data',
      ...factsOf(name, instances),
      status,
      headroom_seconds: headroom,
      headroom_kind: headroom && 'critical',
      resources,
    };
  });
}

function resourceOf(type, services, now) {
  const cells = services.map((s) => ({ service: s.service, cell: s.resources[type] })).filter((x) => x.cell);
  if (!cells.length) return null;
  const known = cells.filter((x) => x.cell.capacity != null);
  const sum = (key) => (known.length ? known.reduce((a, x) => a + x.cell[key], 0) : null);
  const capacity = sum('capacity');
  const value = known.length ? sum('current_value') : cells[0].cell.current_value;
  const pct = capacity ? (100 * value) / capacity : null;
  const worst = cells.reduce((a, x) =>
    (x.cell.utilization_pct ?? -1) > (a.cell.utilization_pct ?? -1) ? x : a,
  );
  const t0 = Math.floor(now / 1000 / 900) * 900 - 95 * 900;
  return {
    resource_type: type,
    unit: UNITS[type],
    status: worst.cell.status,
    status_reason: worst.cell.status_reason,
    current_value: value,
    capacity,
    utilization_pct: pct,
    services: cells.length,
    series: cells.length * 3,
    stale: 0,
    warning_pct: LIMITS[type][0],
    critical_pct: LIMITS[type][1],
    p95_7d_pct: pct && Math.min(99, pct * 1.22),
    peak_24h_pct: pct && Math.min(99, pct * 1.35),
    time_to_limit_seconds: { CPU: 64500, NETWORK: 248400, DISK: 1987200, CONNECTIONS: 3.5e6 }[type] ?? null,
    worst: { service: worst.service, ...worst.cell.worst },
    sparkline: {
      t0,
      step: 900,
      utilization_pct: Array.from({ length: 96 }, (_, i) =>
        pct == null ? null : pctAt('fleet', type, pct, t0 + i * 900),
      ),
    },
  };
}

export function fleet(scene, now, live) {
  const services = servicesOf(scene, now, live);
  const resources = TYPES.map((type) => resourceOf(type, services, now)).filter(Boolean);
  const counts = Object.fromEntries(RANK.map((s) => [s, 0]));
  for (const s of services) for (const cell of Object.values(s.resources)) counts[cell.status]++;
  const all = services
    .flatMap((s) =>
      Object.entries(s.resources).map(([type, c]) => ({
        service: s.service,
        resource_type: type,
        instance: c.worst.instance,
        part: c.worst.part,
        primary: true,
        unit: c.unit,
        current_value: c.current_value,
        capacity: c.capacity,
        utilization_pct: c.utilization_pct,
        max_value: null,
        window_seconds: null,
        timestamp: new Date(now).toISOString(),
        age_seconds: 1,
        stale: c.stale,
        status: c.status,
        status_reason: c.status_reason,
        time_to_limit_seconds: null,
      })),
    )
    .filter((m) => m.utilization_pct != null)
    .sort((a, b) => b.utilization_pct - a.utilization_pct);
  const top = all[0];
  const small = scene === 'host';
  const summary = {
    sequence: 0,
    timestamp: new Date(now).toISOString(),
    environment: small ? '' : 'prod-us-east',
    overall_health: 'CRITICAL',
    counts,
    cells: services.reduce((n, s) => n + Object.keys(s.resources).length, 0),
    services: services.length,
    series: 78,
    instances: services.reduce((n, s) => n + s.instances, 0),
    verdict: small
      ? {
          status: 'HEALTHY',
          headline: 'Enough headroom now',
          sentence: `Tightest: host memory at ${top.utilization_pct.toFixed(1)} %. No limit is in sight within 90 days.`,
        }
      : {
          status: 'CRITICAL',
          headline: 'One resource is critical',
          sentence: `positions-db connections are critical at ${top.utilization_pct.toFixed(1)} %. order-gateway reaches its limit in 17 h 55 m.`,
        },
    least_headroom: small
      ? null
      : {
          service: 'order-gateway',
          resource_type: 'API_CALLS',
          instance: 'order-gateway-3',
          part: '',
          kind: 'critical',
          seconds: 64500,
        },
    resources,
  };
  return { summary, services, top: all.slice(0, 7), all };
}

export function historyOf(scene, service, type, from, to, step, live) {
  const row = rows(scene, live).find(([name]) => name === service);
  const base = row?.[2][TYPES.indexOf(type)];
  const capacity =
    base == null
      ? null
      : service === 'host'
        ? ({ CPU: live.cores, MEMORY: live.memory }[type] ?? SIZE[type])
        : SIZE[type] * row[1];
  const columns = { value: [], max: [], capacity: [], utilization_pct: [] };
  for (let t = from; t < to; t += step) {
    const gap = Math.floor(t / H) % 24 === 5 && Math.floor(t / 600) % 6 === 2; // a collector that was down
    const pct = base == null || gap ? null : pctAt(service, type, base, t);
    columns.utilization_pct.push(pct);
    columns.value.push(
      base == null ? 1.5e5 * wave(service + type, t) : pct == null ? null : (pct / 100) * capacity,
    );
    columns.max.push(
      base == null
        ? 1.8e5 * wave(service + type, t)
        : pct == null
          ? null
          : (Math.min(100, pct * 1.12) / 100) * capacity,
    );
    columns.capacity.push(pct == null ? null : capacity);
  }
  return {
    service,
    resource_type: type,
    instance: null,
    part: '',
    unit: UNITS[type],
    t0: from,
    step,
    source: '5m',
    columns,
  };
}

export function limitsOf(services, service, type) {
  return services
    .filter((s) => !service || s.service === service)
    .flatMap((s) =>
      Object.entries(s.resources)
        .filter(([t]) => !type || t === type)
        .map(([t, c]) => ({
          service: s.service,
          resource_type: t,
          instance: c.worst.instance,
          part: c.worst.part,
          unit: c.unit,
          current_value: c.current_value,
          capacity: c.capacity,
          to_critical_seconds: s.headroom_seconds,
          to_capacity_seconds: s.headroom_seconds && s.headroom_seconds * 1.3,
          to_ceiling_seconds: null,
          trend_per_day: c.capacity && c.capacity * 0.004,
          basis: c.capacity ? 'robust trend over 11 d' : 'no capacity',
          state: !c.capacity ? 'NO_CAPACITY' : s.headroom_seconds ? 'OK' : 'BEYOND',
        })),
    );
}

const UNMATCHED = [
  [
    'fix_gateway_messages_total',
    412,
    'no rule reads this metric',
    '{job="fix-gateway",instance="10.4.1.17:9100",session="XNYS-7",direction="in"}',
    'prod',
  ],
  [
    'jvm_gc_pause_seconds_sum',
    96,
    'no rule reads this metric',
    '{application="risk-checks",cause="G1 Evacuation Pause",instance="10.4.2.9:8080",job="spring"}',
    'prod',
  ],
  [
    'container_memory_working_set_bytes',
    24,
    'no owner of pod batch/report-29381-x7k2p yet',
    '{namespace="batch",pod="report-29381-x7k2p",container="report",node="ip-10-4-2-81.eu-west-1.compute.internal",image="registry.example/batch/report@sha256:8f1c2b0d7c4e9a35"}',
    'prod',
  ],
  [
    'order_queue_backlog',
    12,
    'the label that names the service is not there',
    '{instance="10.4.1.31:9464",shard="7"}',
    'remote-write',
  ],
  [
    'trade_server_open_connections',
    8,
    'no rule reads this metric',
    '{job="trade-server",instance="10.4.1.44:9464"}',
    'remote-write',
  ],
  [
    'smartctl_device_temperature',
    6,
    'no rule reads this metric',
    '{device="nvme0",instance="vm-12:9633",job="smartctl",temperature_type="current"}',
    'vms',
  ],
];

const SOURCES = [
  [
    'prod',
    'prometheus',
    'http://prometheus.monitoring.svc:9090',
    'up',
    8,
    30,
    212.4,
    18240,
    17786,
    532,
    44,
    0,
    99.6,
    null,
    null,
  ],
  [
    'dr-site',
    'prometheus',
    'https://mimir.dr.example/prometheus',
    'down',
    1450,
    30,
    10000,
    9120,
    9120,
    0,
    0,
    0,
    null,
    'GET /api/v1/query: 503 Service Unavailable, 9 times since 15:14. Its values are kept as stale, none was taken for zero. Trying again in 24 s.',
    null,
  ],
  [
    'vms',
    'scrape',
    '14 targets',
    'up',
    6,
    15,
    38.1,
    8412,
    8406,
    6,
    0,
    0,
    92.9,
    null,
    '1 of 14 targets failed: vm-09:9100, connection refused',
  ],
  [
    'remote-write',
    'remote_write',
    null,
    'up',
    2,
    null,
    null,
    50000,
    49980,
    20,
    0,
    1284,
    null,
    null,
    'Over the limit of 50,000 series: 1,284 new ones refused. Most from job="loadtest" (1,201).',
  ],
  ['positions-db', 'postgres', 'db-1.example:5432', 'up', 4, 15, 6.8, 42, 42, 0, 0, 0, 100, null, null],
  [
    'branch-ams',
    'agent',
    null,
    'waiting',
    null,
    15,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
    'Nothing has come yet from this agent.',
  ],
  ['host', 'host', null, 'up', 0.4, 15, 1.9, 42, 42, 0, 0, 0, 100, null, null],
];

/** GET /api/v1/discovery: sources, services and what was not matched, all invented but the shapes. */
export function discoveryOf(scene, now, live) {
  const iso = (ms) => new Date(ms).toISOString();
  const sources = SOURCES.filter(([, kind]) => scene !== 'host' || kind === 'host').map(
    ([
      name,
      kind,
      url,
      state,
      age,
      interval_seconds,
      duration_ms,
      series,
      mapped,
      unmatched,
      dropped,
      refused,
      coverage_pct,
      error,
      note,
    ]) => ({
      name,
      kind,
      url,
      state,
      last_success: age == null ? null : iso(now - age * 1000),
      interval_seconds,
      duration_ms,
      points: series,
      series,
      mapped,
      unmatched,
      dropped,
      refused,
      coverage_pct,
      error,
      note,
    }),
  );
  const services = rows(scene, live).map(([name, instances, bases]) => ({
    service: name,
    ...factsOf(name, instances),
    rule:
      name === 'host'
        ? 'host'
        : KINDS[name] === 'unit'
          ? 'systemd'
          : name === 'fix-sessions'
            ? 'rule 2'
            : 'kubernetes',
    resources: TYPES.filter((_, i) => bases[i] != null),
    series: 3 + (hash(name) % 40),
    oldest_start: name === 'host' ? null : iso(now - (20 + (hash(name) % 60)) * 86400e3),
    newest_start: name === 'host' ? null : iso(now - (1 + (hash(name) % 400)) * H * 250),
  }));
  const unmatched =
    scene === 'host'
      ? []
      : UNMATCHED.map(([metric, series, reason, labels, source]) => ({
          metric,
          series,
          reason,
          example: metric + labels,
          source,
        }));
  return { generated: iso(now), sources, services, unmatched };
}
