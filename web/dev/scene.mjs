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
const MANY = Array.from({ length: 500 }, (_, i) => [
  `service-${String(i).padStart(3, '0')}`,
  1 + (i % 7),
  TYPES.map((_, r) => (i * 37 + r * 13) % 71),
  null,
]);
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
