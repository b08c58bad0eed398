#!/usr/bin/env python3
"""A Kubernetes cluster that is not there: its kube-state-metrics, cAdvisor and kubelet pages.

usage: gen_kube.py [--services 400] [--cluster NAME] [--port 0] [--timestamps]
       gen_kube.py --print ksm|cadvisor|kubelet [--at SECONDS]
       gen_kube.py --expect [--at SECONDS]

Serves /ksm, /cadvisor and /kubelet on 127.0.0.1 and prints "listening on PORT" once it does.
--expect prints what a reader must find, one JSON object a service: name, kind, desired, ready,
requests, limits, pods, start times, and the CPU each pod uses in cores.

Everything follows from the number of the service, so two runs show the same cluster.  Counters
advance with the clock (or --at, seconds since 1970).  --timestamps gives the samples of cAdvisor
times of their own, a few seconds back and different from container to container, as the kubelet
does.  The names and labels are those of kube-state-metrics 2.x and cAdvisor.
"""

import argparse
import hashlib
import http.server
import json
import time

NAMESPACES = ('payments', 'orders', 'market-data', 'risk', 'reference', 'web', 'batch', 'platform')
WORDS = ('gateway', 'router', 'ledger', 'quotes', 'pricer', 'matcher', 'cache', 'feed', 'auth',
         'report', 'limits', 'archive', 'search', 'mailer', 'bridge', 'index')
BEGAN = 1_790_000_000  # counters were zero then
HASH = 'bcdfghjklmnpqrstvwxz2456789'  # what a pod template's hash is made of


def number(*parts):
    return int.from_bytes(hashlib.sha256('/'.join(map(str, parts)).encode()).digest()[:6], 'big')


def letters(n, *parts):
    v, out = number('letters', *parts), ''
    for _ in range(n):
        out += HASH[v % len(HASH)]
        v //= len(HASH)
    return out


class Container:
    def __init__(self, pod, name, seed):
        self.pod, self.name = pod, name
        self.cores = (number(seed, name, 'cores') % 900 + 20) / 1000
        self.memory = (number(seed, name, 'memory') % 700 + 40) << 20
        self.request = {'cpu': 0.25, 'memory': 256 << 20}
        self.limit = {'cpu': 1.0, 'memory': 1 << 30}
        self.id = hashlib.sha256(f'{seed}/{name}'.encode()).hexdigest()


class Pod:
    def __init__(self, service, i):
        s = self.service = service
        self.start = BEGAN + number(s.name, i, 'start') % 3_000_000
        self.ready = not (s.number % 37 == 5 and i == 0)
        self.node = f'node-{number(s.name, i) % 24:02}'
        self.ip = f'10.{s.number % 250}.{i}.{7 + i}'
        if s.kind == 'StatefulSet':
            self.name, self.owner = f'{s.name}-{i}', ('StatefulSet', s.name)
        elif s.kind == 'DaemonSet':
            self.name, self.owner = f'{s.name}-{letters(5, s.name, i)}', ('DaemonSet', s.name)
        elif s.kind == 'CronJob':
            job = f'{s.name}-{29_000_000 + s.number}'
            self.name, self.owner = f'{job}-{letters(5, s.name, i)}', ('Job', job)
        else:
            self.name = f'{s.replicaset}-{letters(5, s.name, i)}'
            self.owner = ('ReplicaSet', s.replicaset)
        seed = f'{s.namespace}/{self.name}'
        self.containers = [Container(self, 'app', seed)]
        if s.number % 5 == 0:
            self.containers.append(Container(self, 'sidecar', seed))
        for c in self.containers:
            if s.number % 11 == 3:
                c.limit = {}  # requests only
            if s.number % 50 == 7:
                c.request, c.limit = {}, {}

    def labels(self, **more):
        return {**self.service.common, 'namespace': self.service.namespace, 'pod': self.name,
                **more}


class Service:
    def __init__(self, i, cluster):
        self.number = i
        self.namespace = NAMESPACES[i % len(NAMESPACES)]
        self.name = f'{WORDS[i // len(NAMESPACES) % len(WORDS)]}-{i:03}'
        self.kind = ('StatefulSet' if i % 10 == 1 else 'DaemonSet' if i % 20 == 2 else
                     'CronJob' if i % 40 == 9 else 'Deployment')
        self.common = {'cluster': cluster} if cluster else {}
        self.replicaset = f'{self.name}-{letters(9, self.name)}'
        self.team = f'team-{i % 9}'
        self.replicas = 1 if self.kind == 'CronJob' else 1 + number(self.name) % 4
        self.pods = [Pod(self, k) for k in range(self.replicas)]

    def labels(self, **more):
        return {**self.common, 'namespace': self.namespace, **more}

    def expect(self):
        cpu = [c.request.get('cpu') for p in self.pods for c in p.containers]
        memory = [c.request.get('memory') for p in self.pods for c in p.containers]
        limits = [c.limit.get('cpu') for p in self.pods for c in p.containers]
        bounds = [c.limit.get('memory') for p in self.pods for c in p.containers]
        counted = self.kind != 'CronJob'
        prefix = f"{self.common['cluster']}/" if self.common else ''
        return {
            'service': f'{prefix}{self.namespace}/{self.name}', 'kind': self.kind,
            'team': self.team if counted else None,
            'desired': self.replicas if counted else None,
            'ready': sum(p.ready for p in self.pods),
            'request_cpu': sum(cpu) if None not in cpu else None,
            'request_memory': sum(memory) if None not in memory else None,
            'limit_cpu': sum(limits) if None not in limits else None,
            'limit_memory': sum(bounds) if None not in bounds else None,
            'oldest_start': min(p.start for p in self.pods),
            'newest_start': max(p.start for p in self.pods),
            'pods': {p.name: round(sum(c.cores for c in p.containers), 6) for p in self.pods},
        }


def escape(v):
    return str(v).replace('\\', r'\\').replace('"', r'\"').replace('\n', r'\n')


class Page:
    def __init__(self):
        self.rows = {}

    def add(self, kind, metric, labels, value, at=None):
        text = ','.join(f'{k}="{escape(v)}"' for k, v in labels.items())
        end = f' {int(at * 1000)}' if at else ''
        self.rows.setdefault((metric, kind), []).append(f'{metric}{{{text}}} {value!r}{end}')

    def text(self):
        return ''.join(f'# TYPE {metric} {kind}\n' + '\n'.join(rows) + '\n'
                       for (metric, kind), rows in self.rows.items())


def ksm_pod(page, pod):
    kind, name = pod.owner
    info = {'host_ip': '192.168.0.1', 'pod_ip': pod.ip, 'uid': f'{number(pod.name):012x}',
            'node': pod.node, 'created_by_kind': kind, 'created_by_name': name,
            'priority_class': '', 'host_network': 'false'}
    page.add('gauge', 'kube_pod_info', pod.labels(**info), 1)
    page.add('gauge', 'kube_pod_owner', pod.labels(owner_kind=kind, owner_name=name,
                                                   owner_is_controller='true'), 1)
    page.add('gauge', 'kube_pod_start_time', pod.labels(), pod.start)
    for phase in ('Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'):
        page.add('gauge', 'kube_pod_status_phase', pod.labels(phase=phase),
                 int(phase == 'Running'))
    for condition in ('true', 'false', 'unknown'):
        value = int(condition == ('true' if pod.ready else 'false'))
        page.add('gauge', 'kube_pod_status_ready', pod.labels(condition=condition), value)
    for c in pod.containers:
        page.add('gauge', 'kube_pod_container_info',
                 pod.labels(container=c.name, image='registry/app:1',
                            container_id=f'containerd://{c.id}'), 1)
        for what, values in (('requests', c.request), ('limits', c.limit)):
            for resource, value in values.items():
                unit = 'core' if resource == 'cpu' else 'byte'
                page.add('gauge', f'kube_pod_container_resource_{what}',
                         pod.labels(container=c.name, node=pod.node, resource=resource, unit=unit),
                         value)


def ksm_workload(page, s):
    ready = sum(p.ready for p in s.pods)
    if s.kind == 'Deployment':
        labels = s.labels(deployment=s.name)
        page.add('gauge', 'kube_deployment_spec_replicas', labels, s.replicas)
        page.add('gauge', 'kube_deployment_status_replicas_ready', labels, ready)
        page.add('gauge', 'kube_deployment_status_replicas_available', labels, ready)
        page.add('gauge', 'kube_deployment_labels', {**labels, 'label_team': s.team}, 1)
        page.add('gauge', 'kube_replicaset_owner',
                 s.labels(replicaset=s.replicaset, owner_kind='Deployment', owner_name=s.name,
                          owner_is_controller='true'), 1)
    elif s.kind == 'StatefulSet':
        labels = s.labels(statefulset=s.name)
        page.add('gauge', 'kube_statefulset_replicas', labels, s.replicas)
        page.add('gauge', 'kube_statefulset_status_replicas_ready', labels, ready)
        page.add('gauge', 'kube_statefulset_labels', {**labels, 'label_team': s.team}, 1)
        for p in s.pods:
            page.add('gauge', 'kube_pod_spec_volumes_persistentvolumeclaims_info',
                     p.labels(volume='data', persistentvolumeclaim=f'data-{p.name}'), 1)
    elif s.kind == 'DaemonSet':
        labels = s.labels(daemonset=s.name)
        page.add('gauge', 'kube_daemonset_status_desired_number_scheduled', labels, s.replicas)
        page.add('gauge', 'kube_daemonset_status_number_ready', labels, ready)
        page.add('gauge', 'kube_daemonset_labels', {**labels, 'label_team': s.team}, 1)
    else:
        page.add('gauge', 'kube_job_owner',
                 s.labels(job_name=s.pods[0].owner[1], owner_kind='CronJob', owner_name=s.name,
                          owner_is_controller='true'), 1)


def ksm(services, now):
    page = Page()
    for s in services:
        ksm_workload(page, s)
        for p in s.pods:
            ksm_pod(page, p)
    return page.text()


def cadvisor(services, now, own_times=False):
    page = Page()
    for s in services:
        for p in s.pods:
            rows = [(c.name, c.id, c.cores, c.memory) for c in p.containers]
            rows.append(('POD', letters(12, p.name), 0.0001, 1 << 19))
            total = ('', f'pod{p.name}', sum(r[2] for r in rows), sum(r[3] for r in rows))
            for name, id_, cores, memory in rows + [total]:
                back = number(id_, 'back') % 9000 / 1000 if own_times else 0
                t = now - back
                at = t if own_times else None
                labels = p.labels(container=name, id=f'/kubepods/{id_}',
                                  image='registry/app:1' if name else '',
                                  name=id_ if name else '')
                page.add('counter', 'container_cpu_usage_seconds_total', {**labels, 'cpu': 'total'},
                         round((t - BEGAN) * cores, 6), at)
                page.add('gauge', 'container_memory_working_set_bytes', labels, memory, at)
                page.add('counter', 'container_fs_reads_bytes_total', {**labels, 'device': '/dev/sda'},
                         round((t - BEGAN) * 1000), at)
                page.add('counter', 'container_fs_writes_bytes_total',
                         {**labels, 'device': '/dev/sda'}, round((t - BEGAN) * 3000), at)
            sent = (now - BEGAN) * (1000 + number(p.name, 'net') % 100_000)
            net = p.labels(container='', id=f'/kubepods/{total[1]}', interface='eth0', image='',
                           name='')
            page.add('counter', 'container_network_receive_bytes_total', net, round(sent))
            page.add('counter', 'container_network_transmit_bytes_total', net, round(sent / 2))
    return page.text()


def kubelet(services, now):
    page = Page()
    for s in services:
        for p in s.pods if s.kind == 'StatefulSet' else []:
            labels = s.labels(persistentvolumeclaim=f'data-{p.name}')
            used = (1 << 30) + number(p.name, 'disk') % (5 << 30)
            page.add('gauge', 'kubelet_volume_stats_used_bytes', labels, used)
            page.add('gauge', 'kubelet_volume_stats_available_bytes', labels, (10 << 30) - used)
            page.add('gauge', 'kubelet_volume_stats_capacity_bytes', labels, 10 << 30)
            page.add('gauge', 'kubelet_volume_stats_inodes', labels, 655360)
            page.add('gauge', 'kubelet_volume_stats_inodes_used', labels, 4321)
    return page.text()


PAGES = {'ksm': ksm, 'cadvisor': cadvisor, 'kubelet': kubelet}


def serve(services, port, own_times):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_GET(self):
            make = PAGES.get(self.path.strip('/'))
            if not make:
                self.send_error(404)
                return
            now = time.time()
            text = cadvisor(services, now, own_times) if make is cadvisor else make(services, now)
            body = text.encode()
            self.send_response(200)
            self.send_header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
    print(f'listening on {server.server_address[1]}', flush=True)
    server.serve_forever()


def main():
    p = argparse.ArgumentParser(usage=__doc__, add_help=False)
    p.add_argument('--services', type=int, default=400)
    p.add_argument('--cluster', default='')
    p.add_argument('--port', type=int, default=0)
    p.add_argument('--timestamps', action='store_true')
    p.add_argument('--print', choices=sorted(PAGES))
    p.add_argument('--expect', action='store_true')
    p.add_argument('--at', type=float)
    a = p.parse_args()
    services = [Service(i, a.cluster) for i in range(a.services)]
    now = a.at if a.at is not None else time.time()
    if a.expect:
        for s in services:
            print(json.dumps(s.expect()))
    elif a.print == 'cadvisor':
        print(cadvisor(services, now, a.timestamps), end='')
    elif a.print:
        print(PAGES[a.print](services, now), end='')
    else:
        try:
            serve(services, a.port, a.timestamps)
        except KeyboardInterrupt:
            pass


if __name__ == '__main__':
    main()
