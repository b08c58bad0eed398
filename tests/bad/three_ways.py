#!/usr/bin/env python3
"""One host seen three ways agrees: Loadline's own collector, a Prometheus that is asked, and the same
Prometheus sending by remote-write.  Compared are capacities and the means of the same minutes."""
import math
import time

from live import Day, until
from peers import Prometheus, node_exporter

# (resource, part, capacity must be equal within, value within a share of the capacity or of itself)
WANTED = [
    ("CPU", "", 0.0, 0.04, "capacity"),
    ("MEMORY", "", 0.0, 0.02, "capacity"),
    ("DISK", "/", 0.001, 0.002, "capacity"),
    ("QUEUE_DEPTH", "run queue", None, None, None),
]


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


def cpu_away(d, began, ended):
    """How far the CPU that is asked is from the host's own, as a share of the capacity."""
    capacity = series(d, "host")[("CPU", "")]["capacity"]
    return abs(mean(d, "asked-node", "CPU", "", began, ended)[0]
               - mean(d, "host", "CPU", "", began, ended)[0]) / capacity


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
        # What is asked is a rate over 20 s: where the load of the machine steps within a window, it
        # is behind.  A window that is quiet enough comes.
        for _ in range(4):
            began = time.time()
            time.sleep(25 if day.quick else 180)
            ended = time.time() - 5
            if cpu_away(d, began, ended) <= WANTED[0][3]:
                break
        seen = {s: series(d, s) for s in services}
        parts = set(seen["asked-node"]) & set(seen["sent-node"])
        day.must(set(seen["asked-node"]) == set(seen["sent-node"]),
                 f"asked and sent differ: {set(seen['asked-node']) ^ set(seen['sent-node'])}")
        common = [p for p in seen["host"] if p in parts]
        day.must(len(common) >= 8, f"only {common} are seen all three ways")
        for resource, part, capacity, value, of in WANTED:
            key = (resource, part)
            if key not in seen["host"] or of is None:
                continue
            own = seen["host"][key]
            base, _ = mean(d, "host", resource, part, began, ended)
            for s in services[1:]:
                other = seen[s].get(key)
                if not day.must(other is not None, f"{s} has no {key}"):
                    continue
                day.must(abs(other["capacity"] - own["capacity"]) <= capacity * own["capacity"],
                         f"{s} {key}: capacity {other['capacity']} is not {own['capacity']}")
                mine, n = mean(d, s, resource, part, began, ended)
                away = abs(mine - base) / own["capacity"]
                day.must(n >= 5 and away <= value, f"{s} {key}: {mine} against {base}, {away:.4f} of the capacity ({n} points)")
                day.figures[f"{s}.{resource}"] = f"{away:.4f}"
        day.figures["common"] = len(common)


main()
