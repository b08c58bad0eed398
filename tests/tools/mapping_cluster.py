#!/usr/bin/env python3
"""Every service of a generated cluster is found, with its numbers.

usage: mapping_cluster.py MAPPING_DUMP GEN_KUBE

Pages of tests/data/gen_kube.py at two or three times go through the built-in mapping; what comes out is
held against what the generator says must be found: names, kinds, replicas, requests, limits,
start times, and the CPU of each pod.  Once plain, once with a cluster's name, once with the
times of their own that the kubelet gives its samples.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

DUMP, GEN = sys.argv[1:3]
TIMES = (1795484700, 1795484715, 1795484730)
FACTS = re.compile(r'facts (\S+) kind (\S*) desired (\S+) ready (\S+) request (\S+) (\S+) '
                   r'limit (\S+) (\S+) team (\S*) owner .* start (-?\d+) (-?\d+)$')
SAMPLE = re.compile(r'(\S+) (\S+) (\S+) \[(.*)\] \S+ (\S+) of (\S+)( primary)? @(\d+)$')


def generate(*args):
    return subprocess.run([sys.executable, GEN, *args], check=True, capture_output=True,
                          text=True).stdout


def near(a, b):
    if a is None or a == '-':
        return (b is None) == (a is None or a == '-')
    return b is not None and abs(float(a) - float(b)) <= 1e-6 * max(1, abs(float(b)))


def read(out):
    facts, samples = {}, {}
    for line in out.splitlines():
        m = FACTS.match(line)
        if m:
            facts[m[1]] = m.groups()[1:]
            continue
        m = SAMPLE.match(line)
        if m:
            samples[m[1], m[2], m[3], m[4]] = (m[5], m[6], bool(m[7]))
    return facts, samples


def check(wanted, facts, samples, tolerance):
    failed = []
    for w in wanted:
        name = w['service']
        if name not in facts:
            failed.append(f'{name}: not found')
            continue
        kind, desired, ready, cpu, memory, cpus, bound, team, oldest, newest = facts[name]
        if (kind, team or None) != (w['kind'], w['team']):
            failed.append(f"{name}: {kind} of {team}, wanted {w['kind']} of {w['team']}")
        for what, got in (('desired', desired), ('ready', ready), ('request_cpu', cpu),
                          ('request_memory', memory), ('limit_cpu', cpus),
                          ('limit_memory', bound)):
            if not near(None if got == '-' else got, w[what]):
                failed.append(f'{name}: {what} {got}, wanted {w[what]}')
        if (int(oldest), int(newest)) != (w['oldest_start'] * 1000, w['newest_start'] * 1000):
            failed.append(f'{name}: started {oldest} to {newest}')
        for pod, cores in w['pods'].items():
            got = samples.get((name, 'CPU', pod, ''))
            if not got or abs(float(got[0]) - cores) > tolerance * cores or not got[2]:
                failed.append(f'{name}: CPU of {pod} is {got}, wanted {cores}')
            for kind, part in (('MEMORY', ''), ('NETWORK', 'rx'), ('DISK', 'read')):
                if (name, kind, pod, part) not in samples:
                    failed.append(f'{name}: no {kind} {part} of {pod}')
        if w['kind'] == 'StatefulSet' and (name, 'DISK', pod, 'data') not in samples:
            failed.append(f'{name}: no volume')
    return failed


def run(directory, times, *options, tolerance=1e-6):
    wanted = [json.loads(line) for line in generate('--expect', *options).splitlines()]
    pages = []
    for t in times:
        path = os.path.join(directory, str(t))
        with open(path, 'w') as f:
            for page in ('ksm', 'kubelet', 'cadvisor'):
                f.write(generate('--print', page, '--at', str(t), *options))
        pages.append(f'{t}:{path}')
    out = subprocess.run([DUMP, *pages], check=True, capture_output=True, text=True).stdout
    facts, samples = read(out)
    failed = check(wanted, facts, samples, tolerance)
    strange = set(facts) - {w['service'] for w in wanted}
    failed += [f'{name}: there is no such service' for name in strange]
    print(f"{' '.join(options) or 'plain':28} {len(wanted)} services, "
          f'{len(samples)} series, {len(failed)} failures')
    return failed


def main():
    with tempfile.TemporaryDirectory() as directory:
        failed = run(directory, TIMES[:2])
        failed += run(directory, TIMES[:2], '--services', '60', '--cluster', 'arn:aws:eks:eu-west-1:1:cluster/prod')
        failed += run(directory, TIMES, '--services', '60', '--timestamps')
    for line in failed[:20]:
        print(line)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
