#!/usr/bin/env python3
"""One host seen three ways agrees: Loadline's own collector, a Prometheus that is asked, and the same
Prometheus sending by remote-write.  Compared are capacities and the means of the same minutes."""
import math
import time

from live import Day, until
from peers import Prometheus, node_exporter

# (resource, part, capacity must be equal within, value within a share of the capacity)
WANTED = [("CPU", "", 0.0, 0.04), ("MEMORY", "", 0.0, 0.02), ("DISK", "/", 0.001, 0.002)]


def config(port):
    return f"""
check_interval_seconds: 5
collect:
  prometheus:
    - name: asked
      url: http://127.0.0.1:{port}
      interval: 5s
      rate_window: 20s
mapping:
  - match: '{{__source__="asked"}}'
    service: 'asked-{{job}}'
  - match: '{{__source__="remote-write"}}'
    service: 'sent-{{job}}'
"""


def series(d, service):
    """{(resource, part): (instance, value, capacity)} of a service's latest."""
    snapshot = d.json("/api/v1/snapshot")
    return {
        (m["resource_type"], m["part"]): m
        for m in snapshot["metrics"]
        if m["service"] == service and not m.get("stale")
    }


def mean(d, service, resource, part, since, until_):
    h = d.json(
        f"/api/v1/metrics?service={service}&resource_type={resource}&part={part.replace(' ', '%20').replace('/', '%2F')}"
        f"&from={since:.0f}&to={until_:.0f}&step=5"
    )
    values = [v for v in h["columns"]["value"] if v is not None]
    return sum(values) / len(values) if values else math.nan, len(values)


def away(d, service, resource, part, began, ended):
    """(how far the service's mean is from the host's own, points).  What is asked is a rate over 20 s,
    so where the load of the machine steps it is behind by that: any of the host's means between
    then and now will do.  On a machine at rest they are one."""
    looks = [mean(d, "host", resource, part, began - lag, ended - lag) for lag in (0, 5, 10, 15, 20)]
    means = [m for m, n in looks if n]
    if not means:
        return math.nan, 0
    value, n = mean(d, service, resource, part, began, ended)
    return max(min(means) - value, value - max(means), 0.0), n


def differences(d, services, began, ended, figures):
    """What does not agree, in words."""
    seen = {s: series(d, s) for s in services}
    parts = set(seen["asked-node"]) & set(seen["sent-node"])
    out = [f"asked and sent differ: {odd}" for odd in [set(seen["asked-node"]) ^ set(seen["sent-node"])] if odd]
    common = [p for p in seen["host"] if p in parts]
    figures["common"] = len(common)
    if len(common) < 8:
        out.append(f"only {common} are seen all three ways")
    for resource, part, capacity, most in WANTED:
        key = (resource, part)
        own = seen["host"].get(key)
        for s in services[1:] if own else ():
            other = seen[s].get(key)
            if other is None:
                out.append(f"{s} has no {key}")
                continue
            if abs(other["capacity"] - own["capacity"]) > capacity * own["capacity"]:
                out.append(f"{s} {key}: capacity {other['capacity']} is not {own['capacity']}")
            far, n = away(d, s, resource, part, began, ended)
            share = far / own["capacity"]
            figures[f"{s}.{resource}"] = f"{share:.4f}"
            if not (n >= 5 and share <= most):
                out.append(f"{s} {key}: {share:.4f} of the capacity away ({n} points)")
    return out


def main():
    with Day("three_ways") as day:
        day.need_tools("prometheus", "prometheus-node-exporter")
        exporter = node_exporter(day)
        d = day.daemon(config=config(1))
        prometheus = Prometheus(
            day, {"node": [f"127.0.0.1:{exporter.port}"]}, f"http://127.0.0.1:{d.port}/api/v1/write", interval="5s"
        ).start()
        d.write_config(config(prometheus.port))
        d.start()
        services = ("host", "asked-node", "sent-node")
        came = until(lambda: all(("CPU", "") in series(d, s) for s in services), 60, 1)
        if not day.must(came is not None, f"not all of {services} have a CPU within 60 s"):
            print({s: sorted(series(d, s)) for s in services}, d.json("/api/v1/discovery")["sources"], d.said()[-2000:])
            return
        day.figures["first"] = f"{came:.0f}s"
        # A longer look where the machine was too busy to be seen alike.
        began = time.time()
        for _ in range(8):
            time.sleep(30 if day.quick else 180)
            found = differences(d, services, began, time.time() - 5, day.figures)
            if not found:
                break
        for text in found:
            day.must(False, text)


main()
