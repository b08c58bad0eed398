#!/usr/bin/env python3
"""P17, P18: reloads under load drop no request and lose nothing; a file cut anywhere is refused as a
whole, and the former configuration stays."""
import http.client
import signal
import threading
import time

from live import SANITIZED, Day, Writer, lost, span, until

GOOD = [
    """environment: alpha
check_interval_seconds: 1
web:
  enable_lifecycle: true
thresholds:
  cpu:
    warning_pct: 70
""",
    """environment: beta
check_interval_seconds: 2
web:
  enable_lifecycle: true
thresholds:
  cpu:
    warning_pct: 60
  memory:
    warning_pct: 50
services:
  - name: desk
    tier: gold
tiers:
  - name: gold
    thresholds:
      cpu: {critical_pct: 99}
log:
  level: error
""",
]
EITHER = ("RELOADED", "RELOAD_REFUSED")
PATHS = ("/api/v1/summary", "/-/healthy", "/api/v1/status", "/metrics", "/api/v1/services", "/-/ready")


class Client(threading.Thread):
    def __init__(self, d):
        super().__init__(daemon=True)
        self.d, self.n, self.failed, self.stop = d, 0, [], False

    def run(self):
        c = http.client.HTTPConnection("127.0.0.1", self.d.port, timeout=span(20))
        while not self.stop:
            path = PATHS[self.n % len(PATHS)]
            self.n += 1
            try:
                c.request("GET", path)
                r = c.getresponse()
                r.read()
                if r.status != 200:
                    self.failed.append((path, r.status))
            except (OSError, http.client.HTTPException) as e:
                self.failed.append((path, repr(e)))
                c = http.client.HTTPConnection("127.0.0.1", self.d.port, timeout=span(20))


def gauge(d, name):
    for line in d.request("GET", "/metrics")[2].decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None


def reloaded(d, *reasons):
    """The id of the last event that tells of a reload; it is written when the new file is in use."""
    items = d.json("/api/v1/events?limit=200")["items"]
    return max((e["id"] for e in items if e["reason"] in (reasons or ("RELOADED",))), default=0)


def config(d):
    return d.json("/api/v1/status")["config"]


def cut_files(day, d):
    """The file cut at every byte: either it is whole by itself, or it is refused."""
    text = GOOD[1].encode()
    places = range(0, len(text), 7 if day.quick else 1)
    hashes, refused = {config(d)["hash"]}, 0
    for n in places:
        before, last = config(d)["hash"], reloaded(d, *EITHER)
        d.write_config(text[:n])
        status, _, body = d.request("POST", "/-/reload", b"")
        now = config(d)
        if status == 200:
            # A cut that leaves a whole file may turn the lifecycle route off.
            day.need(until(lambda b=last: reloaded(d) > b, 2), f"cut at {n}: accepted, yet not successful")
            hashes.add(config(d)["hash"])
        elif status in (401, 403):
            d.process.send_signal(signal.SIGHUP)
            day.need(until(lambda b=last: reloaded(d, *EITHER) > b, 2), f"cut at {n}: the signal was not heard")
        else:
            refused += 1
            day.must(400 <= status < 500, f"cut at {n}: {status}")
            day.must(now["hash"] == before and not now["last_reload_successful"], f"cut at {n}: {now} after {before}")
            day.must(b"line" in body or b":" in body, f"cut at {n}: no place in {body[:200]}")
        day.must(d.answers("/-/ready"), f"cut at {n}: not ready")
    day.must(refused > 0, "no cut was refused")
    return len(places), refused


def refusals(day, d):
    """What cannot change while running, and what is no YAML at all."""
    for name, text in (
        ("needs a restart", GOOD[0] + "storage:\n  max_series: 7\n"),
        ("unknown key", GOOD[0] + "thresholdz: 1\n"),
        ("twice", GOOD[0] + "environment: again\n"),
        ("bytes", b"\x00\xff\xfe"),
        ("aliases", "a: &a [1,1]\nb: [*a,*a]\n"),
        ("deep", "a: " + "[" * 5000),
        ("out of range", GOOD[0] + "storage:\n  max_series: 99999999999999\n"),
    ):
        d.write_config(GOOD[0])
        before = reloaded(d)
        d.process.send_signal(signal.SIGHUP)
        day.need(until(lambda b=before: reloaded(d) > b, 5), f"{name}: alpha is not in use")
        fails = gauge(d, "loadline_config_reload_failures_total")
        events = d.json("/api/v1/events?limit=1")["items"][0]["id"]
        d.write_config(text)
        status, _, body = d.request("POST", "/-/reload", b"")
        day.must(400 <= status < 500, f"{name}: {status} {body[:200]}")
        day.must(gauge(d, "loadline_config_last_reload_successful") == 0, f"{name}: the gauge is not 0")
        new = [e for e in d.json("/api/v1/events?limit=20")["items"] if e["id"] > events and e["kind"] == "config"]
        day.must(len(new) == 1, f"{name}: {len(new)} events: {new}")
        if fails is not None:
            day.must(gauge(d, "loadline_config_reload_failures_total") == fails + 1, f"{name}: counted more than once")
        day.must(d.json("/api/v1/status")["environment"] == "alpha", f"{name}: the former one is not in use")
    d.write_config(GOOD[0])
    day.must(d.request("POST", "/-/reload", b"")[0] == 200, "a good file after bad ones is refused")
    day.must(until(lambda: gauge(d, "loadline_config_last_reload_successful") == 1, 3), "the gauge does not go back to 1")


def under_load(day, d):
    reloads = 50 if day.quick else 1000
    valid = set()
    for text in GOOD:
        d.write_config(text)
        d.process.send_signal(signal.SIGHUP)
        name = text.split()[1]
        day.need(until(lambda n=name: d.json("/api/v1/status")["environment"] == n, 5), f"{name} is not in use")
        valid.add(config(d)["hash"])
    day.need(len(valid) == 2, f"the hashes are {valid}")
    clients = [Client(d) for _ in range(4)]
    writers = [Writer(d, f"reload{i}", pause=0.005) for i in range(2)]
    for t in (*clients, *writers):
        t.start()
    began, mixed, refused = time.monotonic(), [], 0
    for i in range(reloads):
        d.write_config(GOOD[i % 2])
        if i % 2:
            d.process.send_signal(signal.SIGHUP)
        elif d.request("POST", "/-/reload", b"")[0] != 200:
            refused += 1
        status = d.json("/api/v1/status")
        wanted = {"alpha", "beta"}
        if status["config"]["hash"] not in valid or status["environment"] not in wanted:
            mixed.append(status)
        time.sleep(0.005)
    took = time.monotonic() - began
    for t in clients:
        t.stop = True
    for t in clients:
        t.join(span(30))
    for w in writers:
        w.end()
    failed = sum((c.failed for c in clients), [])
    day.must(not failed, f"{len(failed)} requests failed: {failed[:5]}")
    day.must(not mixed, f"{len(mixed)} mixed answers: {mixed[:1]}")
    day.must(not refused, f"{refused} reloads refused")
    broken = sum(w.broken for w in writers)
    other = [w.statuses for w in writers if set(w.statuses) != {200}]
    day.must(not broken and not other, f"writes: {broken} broken, {other}")
    day.figures.update(reloads=reloads, requests=sum(c.n for c in clients), per_second=round(sum(c.n for c in clients) / took),
                       failed=len(failed), mixed=len(mixed))
    return writers


def main():
    with Day("reload") as day:
        d = day.daemon(config=GOOD[0])
        d.start()
        before = d.rss_kib()
        refusals(day, d)
        day.figures["cuts"], day.figures["cuts_refused"] = cut_files(day, d)
        writers = under_load(day, d)
        grown = d.rss_kib() - before
        if not SANITIZED:
            day.must(grown < 16 * 1024, f"it grew by {grown} KiB")
        fds = len(__import__("os").listdir(f"/proc/{d.pid}/fd")) if not SANITIZED else 0
        day.must(fds < 100, f"{fds} files are open")
        code, took = d.end()
        day.must(code == 0, f"it ended with {code}: {d.said()[-1500:]}")
        total, bad, verdict = lost(d.data, writers)
        day.must(total > 0 and bad == 0 and verdict == "ok", f"{bad} of {total} lost, {verdict}")
        day.figures.update(grown_kib=grown, fds=fds, acked=total, lost=bad)


main()
