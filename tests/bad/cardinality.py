#!/usr/bin/env python3
"""P16: a sender that makes new series as fast as it can (near a million a minute) meets the limit.
Known series go on, new ones are refused with a count, an alarm names the metric, and memory stays
below 256 MiB, which a cgroup enforces where there is one.  --seconds 600; --quick: eight."""
import os
import threading
import time

from live import SANITIZED, Day, span, until
from rw import body, post

LIMIT = 20000
CONFIG = f"""
collect:
  host: {{enabled: false}}
  remote_write: {{max_series: {LIMIT}}}
storage:
  max_series: 5000
  max_labeled_series: 5000
mapping:
  - match: '{{job="good"}}'
    raw: true
  - match: '{{__name__="attack_total"}}'
    raw: true
    service: '{{pod}}'
    resource_type: API_CALLS
"""


def good(now):
    return [({"__name__": "steady", "job": "good", "n": str(i)}, [(float(i), int(now * 1000))]) for i in range(100)]


def attack(n, size, now):
    return [
        ({"__name__": "attack_total", "job": "bad", "pod": f"p{i}"}, [(1.0, int(now * 1000))])
        for i in range(n * size, (n + 1) * size)
    ]


CGROUP = "/sys/fs/cgroup/memory"
MEMORY = 256 << 20


def confine(day, d):
    """Whoever takes more is killed by the kernel."""
    folder = f"{CGROUP}/loadline-test-{os.getpid()}"
    try:
        os.mkdir(folder)
        day.cleanup.append(lambda: os.rmdir(folder))
        with open(f"{folder}/memory.limit_in_bytes", "w", encoding="ascii") as f:
            f.write(str(MEMORY))
        with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as f:
            f.write(str(d.pid))
        return True
    except OSError:
        return False


def main():
    with Day("cardinality", seconds=600) as day:
        d = day.daemon(config=CONFIG)
        d.start()
        confined = not SANITIZED and confine(day, d)
        day.must(post(d.port, body(good(time.time())))[0] == 204, "the good series were not taken at first")
        before = d.rss_kib()
        end = time.time() + (8 if day.quick else day.args.seconds)
        statuses, made, worst = {}, [0], [0.0]

        def going():
            return time.time() < end or (made[0] <= 3 * LIMIT and time.time() < end + span(10))

        def hammer(k):
            n = k
            while going():
                status = post(d.port, body(attack(n, 2000, time.time())))[0]
                statuses[status] = statuses.get(status, 0) + 1
                n += 2
                made[0] += 2000

        threads = [threading.Thread(target=hammer, args=(k,)) for k in range(2)]
        for t in threads:
            t.start()
        refused_good = sent_good = peak = 0
        while going():
            began = time.time()
            status = post(d.port, body(good(began)))[0]
            worst[0] = max(worst[0], time.time() - began)
            sent_good += 1
            refused_good += status not in (204, 429, 503)
            peak = max(peak, d.rss_kib())
            time.sleep(0.5)
        for t in threads:
            t.join()
        day.must(refused_good == 0, f"{refused_good} of {sent_good} requests with known series were refused")
        day.must(statuses.get(400, 0) > 0, f"no request with new series was told 400: {statuses}")
        day.must(made[0] > 3 * LIMIT, f"only {made[0]} series were made")
        day.need(d.alive(), f"it was killed: {d.said()[-300:]}")
        if not SANITIZED:
            day.must(peak < before + 200 * 1024, f"memory went from {before} to {peak} KiB")
        alarm = until(lambda: any(e["reason"] == "SERIES_LIMIT" and "attack_total" in e["detail"]
                                  for e in d.json("/api/v1/events?limit=200")["items"]), 15, 0.5)
        day.must(alarm is not None, "no alarm names attack_total")
        offenders = until(lambda: any(o["metric"] == "attack_total" for s in d.json("/api/v1/discovery")["sources"]
                                      for o in s.get("offenders", [])), 15, 0.5)
        day.must(offenders is not None, "the discovery names no offender")
        day.figures.update(cgroup="256MiB" if confined else "none", made=made[0], statuses=statuses, rss_mib=peak // 1024, good_worst_s=round(worst[0], 2))


main()
