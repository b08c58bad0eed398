#!/usr/bin/env python3
"""Compares what Loadline says of this host with prometheus-node-exporter beside it.

usage: tests/cli/agreement.py (--url http://127.0.0.1:7380 | --dump build/tests/collect_dump)
           [--token T] [--exporter URL] [--seconds 60] [--no-load]

--url asks a running daemon (/api/v1/snapshot, /api/v1/metrics), --dump the bare collector.
Without --exporter an exporter is started on a free port and ended again.  In the middle third
stress-ng loads CPU, memory and disk, and, as root, traffic of a known shape runs over a veth
pair into a network namespace made for it.

Both sides are compared over the same span: the samples of Loadline tell which time they cover,
and the exporter's counters are interpolated at its ends.  CPU, memory and disk have to agree
within 2 points, network within 2 % of the bytes per second.  Other people's traffic comes in
bursts, and where in the second of a scrape one came nobody knows: for interfaces but our own
pair, what passed in the two scrapes around the ends is allowed beside the 2 %.

Exit: 0 they agree, 1 they do not, 77 there is nothing to compare with.
"""

import argparse
import bisect
import datetime
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

POINTS, RELATIVE, QUIET = 2.0, 0.02, 10_000  # QUIET: bytes/s below which 2 % is noise
LINK, PEER, SPACE = 'lltest0', 'lltest1', 'lltest'
HOST, INSIDE, PORT = '198.18.99.1', '198.18.99.2', 7399
BLOCK, ECHO, BLOCKS_PER_SECOND = 65536, 16384, 150

SINK = f"""
import socket
s = socket.create_server(('{INSIDE}', {PORT}))
c, _ = s.accept()
n = 0
while True:
    data = c.recv(65536)
    if not data:
        break
    n += len(data)
    while n >= {BLOCK}:
        c.sendall(b'x' * {ECHO})
        n -= {BLOCK}
"""


def fetch(url, token=None):
    request = urllib.request.Request(url)
    if token:
        request.add_header('Authorization', 'Bearer ' + token)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


class Series:
    """Values over time, linear between the readings."""

    def __init__(self):
        self.t, self.v = [], []

    def add(self, t, v):
        self.t.append(t)
        self.v.append(v)

    def at(self, t):
        i = bisect.bisect_left(self.t, t)
        if i == 0 or i == len(self.t):
            return None
        a, b = self.t[i - 1], self.t[i]
        return self.v[i - 1] + (self.v[i] - self.v[i - 1]) * (t - a) / (b - a)

    def step_at(self, t):
        """How much it moved between the two readings around t: what at(t) may be wrong by."""
        i = bisect.bisect_left(self.t, t)
        return self.v[i] - self.v[i - 1]


class Exporter:
    """Scraped each second into the series this test needs."""

    LINE = re.compile(r'^(node_\w+)(?:\{([^}]*)\})? (\S+)$')
    LABEL = re.compile(r'(\w+)="([^"]*)"')

    def __init__(self, url):
        self.url, self.process, self.series = url, None, {}
        if not url:
            program = shutil.which('prometheus-node-exporter') or shutil.which('node_exporter')
            if not program:
                raise FileNotFoundError('no prometheus-node-exporter')
            with socket.socket() as s:
                s.bind(('127.0.0.1', 0))
                address = '127.0.0.1:%d' % s.getsockname()[1]
            self.process = subprocess.Popen([program, '--web.listen-address=' + address],
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.url = f'http://{address}/metrics'
        self.wait()

    def wait(self):
        for _ in range(50):
            try:
                fetch(self.url)
                return
            except OSError:
                time.sleep(0.1)
        raise FileNotFoundError('no exporter at ' + self.url)

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def scrape(self):
        before = time.time()
        text = fetch(self.url)
        t = (before + time.time()) / 2
        now = {}
        for line in text.splitlines():
            m = self.LINE.match(line)
            if m:
                now[m[1], tuple(sorted(self.LABEL.findall(m[2] or '')))] = float(m[3])
        for name, v in self.pick(now):
            self.series.setdefault(name, Series()).add(t, v)

    @staticmethod
    def pick(now):
        busy, cpus = 0, set()
        for (name, labels), v in now.items():
            label = dict(labels)
            if name == 'node_cpu_seconds_total':
                cpus.add(label['cpu'])
                if label['mode'] not in ('idle', 'iowait'):
                    busy += v
            elif name == 'node_network_receive_bytes_total':
                yield label['device'] + ' rx', v
            elif name == 'node_network_transmit_bytes_total':
                yield label['device'] + ' tx', v
        yield 'busy', busy / max(len(cpus), 1)
        total = now['node_memory_MemTotal_bytes', ()]
        yield 'memory', 100 * (total - now['node_memory_MemAvailable_bytes', ()]) / total
        root = {n: v for (n, labels), v in now.items()
                if n.startswith('node_filesystem_') and dict(labels).get('mountpoint') == '/'}
        if root:
            used = root['node_filesystem_size_bytes'] - root['node_filesystem_free_bytes']
            yield 'disk', 100 * used / (used + root['node_filesystem_avail_bytes'])


def seconds_of(timestamp):
    return datetime.datetime.fromisoformat(timestamp.replace('Z', '+00:00')).timestamp()


class Daemon:
    """Distinct samples of the host by (resource, part): [(time, value, capacity, window)]."""

    def __init__(self, url, token):
        self.url, self.token, self.samples = url.rstrip('/') + '/api/v1', token, {}

    def poll(self):
        for m in json.loads(fetch(self.url + '/snapshot', self.token))['metrics']:
            if m['service'] != 'host' or m['current_value'] is None:
                continue
            row = (seconds_of(m['timestamp']), m['current_value'], m['capacity'],
                   m['window_seconds'])
            kept = self.samples.setdefault((m['resource_type'], m['part']), [])
            if not kept or kept[-1][0] < row[0]:
                kept.append(row)

    def history(self, start, end, step):
        """Mean CPU utilisation the store tells for the same span."""
        query = urllib.parse.urlencode({'service': 'host', 'resource_type': 'CPU',
                                        'from': start, 'to': end, 'step': step})
        answer = json.loads(fetch(f'{self.url}/metrics?{query}', self.token))
        v = [x for x in answer['columns']['utilization_pct'] if x is not None]
        return sum(v) / len(v) if v else None

    def close(self):
        pass


class Dump(Daemon):
    """The same from the collector alone, once a second."""

    def __init__(self, program):
        super().__init__('', None)
        self.process = subprocess.Popen([program, '100000', '1000'], stdout=subprocess.PIPE,
                                        text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            d = json.loads(line)
            for m in d['metrics']:
                if m['service'] == 'host':
                    self.samples.setdefault((m['resource_type'], m['part']), []).append(
                        (d['time'], m['current_value'], m['capacity'], m['window_ms'] / 1000))

    def poll(self):
        pass

    def history(self, start, end, step):
        return None

    def close(self):
        self.process.terminate()
        self.process.wait()


def run(*command):
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Traffic:
    """A veth pair into a namespace of its own, and a paced stream over it."""

    def __init__(self):
        self.why, self.sink, self.stop = None, None, threading.Event()
        if os.geteuid() != 0 or not shutil.which('ip'):
            self.why = 'needs root and ip(8)'
            return
        for command in (['netns', 'add', SPACE],
                        ['link', 'add', LINK, 'type', 'veth', 'peer', 'name', PEER],
                        ['link', 'set', PEER, 'netns', SPACE],
                        ['addr', 'add', HOST + '/30', 'dev', LINK],
                        ['link', 'set', LINK, 'up'],
                        ['-n', SPACE, 'addr', 'add', INSIDE + '/30', 'dev', PEER],
                        ['-n', SPACE, 'link', 'set', PEER, 'up']):
            done = run('ip', *command)
            if done.returncode != 0:
                self.why = f"ip {' '.join(command)}: {done.stderr.strip()}"
                self.close()
                return
        self.sink = subprocess.Popen(['ip', 'netns', 'exec', SPACE, sys.executable, '-c', SINK])
        threading.Thread(target=self.send, daemon=True).start()

    def connect(self):
        for _ in range(100):
            try:
                return socket.create_connection((INSIDE, PORT), timeout=5)
            except OSError:
                time.sleep(0.1)
        return None

    def send(self):
        c = self.connect()
        if not c:
            return
        with c:
            while not self.stop.wait(1 / BLOCKS_PER_SECOND):
                c.sendall(b'x' * BLOCK)
                left = ECHO
                while left > 0:
                    left -= len(c.recv(left)) or left

    def close(self):
        self.stop.set()
        if self.sink:
            self.sink.terminate()
            self.sink.wait()
        run('ip', 'link', 'del', LINK)
        run('ip', 'netns', 'del', SPACE)


def watch(source, exporter, seconds, load):
    start, stress = time.time(), None
    while time.time() - start < seconds:
        began = time.time()
        if load and not stress and began - start > seconds / 3 and shutil.which('stress-ng'):
            stress = subprocess.Popen(
                ['stress-ng', '-q', '-t', str(int(seconds / 3)), '--cpu', '1', '--vm', '1',
                 '--vm-bytes', '1G', '--vm-keep', '--hdd', '1', '--hdd-bytes', '256M',
                 '--temp-path', '/tmp'])
        exporter.scrape()
        source.poll()
        time.sleep(max(0, began + 1 - time.time()))
    if stress:
        stress.wait()


def covered(samples, exporter):
    """The samples whose whole window the exporter saw."""
    return [s for s in samples if s[3] and exporter.t[0] < s[0] - s[3] and s[0] < exporter.t[-1]]


def rates(samples, exporter):
    """Means of both over the span that the samples cover; None when there are none."""
    rows = covered(samples, exporter)
    if len(rows) < 2:
        return None
    start, end = rows[0][0] - rows[0][3], rows[-1][0]
    ours = sum(s[1] * s[3] for s in rows) / sum(s[3] for s in rows)
    return ours, (exporter.at(end) - exporter.at(start)) / (end - start), rows


def doubt(pair, exporter):
    """The share of the bytes that may belong to either side of an end of the span."""
    _, rate, rows = pair
    start, end = rows[0][0] - rows[0][3], rows[-1][0]
    return (exporter.step_at(start) + exporter.step_at(end)) / (rate * (end - start))


def moments(samples, exporter):
    """Means of the utilisation at the moments of the samples."""
    pairs = [(100 * v / capacity, exporter.at(t)) for t, v, capacity, _ in samples
             if capacity and exporter.at(t) is not None]
    if not pairs:
        return None
    return tuple(sum(p[i] for p in pairs) / len(pairs) for i in (0, 1))


class Table:
    def __init__(self):
        self.failed, self.compared = 0, 0
        print(f"{'':16} {'loadline':>14} {'node-exporter':>14} {'difference':>12} {'allowed':>8}")

    def row(self, name, ours, theirs, difference, allowed, unit):
        good = abs(difference) <= allowed
        self.failed += not good
        self.compared += 1
        print(f"{name:16} {ours:14.3f} {theirs:14.3f} {difference:+10.3f} {unit:1} "
              f"{allowed:6.2f} {unit:1} {'PASS' if good else 'FAIL'}")

    def points(self, name, pair):
        if pair:
            self.row(name, pair[0], pair[1], pair[0] - pair[1], POINTS, 'p')
        else:
            self.skip(name, 'too few samples')

    @staticmethod
    def skip(name, why):
        print(f'{name:16} not compared: {why}')


def compare(source, exporter, traffic):
    table, theirs = Table(), exporter.series
    cpu = rates(source.samples.get(('CPU', ''), []), theirs['busy'])
    if cpu:
        rows = cpu[2]
        cpus = rows[-1][2]
        table.points('CPU %', (100 * cpu[0] / cpus, 100 * cpu[1]))
        stored = source.history(rows[0][0], rows[-1][0] + 0.001, max(1, round(rows[0][3])))
        if stored is not None:
            table.points('CPU % stored', (stored, 100 * cpu[1]))
    else:
        table.skip('CPU %', 'too few samples')
        table.failed += 1
    table.points('memory %', moments(source.samples.get(('MEMORY', ''), []), theirs['memory']))
    if 'disk' in theirs:
        table.points('disk / %', moments(source.samples.get(('DISK', '/'), []), theirs['disk']))
    else:
        table.skip('disk / %', 'the exporter does not tell')
    if traffic.why:
        table.skip(LINK, traffic.why)
    for (kind, part), samples in sorted(source.samples.items()):
        if kind != 'NETWORK' or part not in theirs:
            continue
        pair = rates(samples, theirs[part])
        if not pair or pair[1] < QUIET:
            table.skip(part, f'below {QUIET} bytes/s')
            continue
        table.row(part + ' B/s', pair[0], pair[1], 100 * (pair[0] / pair[1] - 1),
                  100 * (RELATIVE + (0 if part.startswith(LINK) else doubt(pair, theirs[part]))),
                  '%')
    if not traffic.why and not source.samples.get(('NETWORK', LINK + ' tx')):
        print(f'{LINK} tx is not among the samples')
        table.failed += 1
    return table


def main():
    p = argparse.ArgumentParser(usage=__doc__.replace('%', '%%'), add_help=False)
    p.add_argument('--url')
    p.add_argument('--dump')
    p.add_argument('--token')
    p.add_argument('--exporter')
    p.add_argument('--seconds', type=float, default=60)
    p.add_argument('--no-load', action='store_true')
    a = p.parse_args()
    if bool(a.url) == bool(a.dump):
        p.error('give --url or --dump')
    try:
        exporter = Exporter(a.exporter)
    except FileNotFoundError as e:
        print(f'skipped: {e}')
        return 77
    source = Daemon(a.url, a.token) if a.url else Dump(a.dump)
    traffic = Traffic()
    try:
        watch(source, exporter, a.seconds, not a.no_load)
    finally:
        traffic.close()
        exporter.close()
        source.close()
    table = compare(source, exporter, traffic)
    print('FAIL' if table.failed else 'PASS')
    return 1 if table.failed or not table.compared else 0


if __name__ == '__main__':
    sys.exit(main())
