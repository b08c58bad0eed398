#!/usr/bin/env python3
"""P10: steps of the wall clock.

The daemon runs under a clock that this script steps (libfaketime; the monotonic one stays true).
Nothing becomes stale, no age is negative, each step is an event, samples far ahead are refused one
by one, and no row is deleted because of a step, also not after a restart under the wrong clock."""
import glob
import json
import os
import sqlite3
import time

from live import SANITIZED, Day, sample, until

HOUR, DAY_S, YEAR = 3600, 86400, 365 * 86400
STEPS = (HOUR, -HOUR, DAY_S, -DAY_S, 10 * YEAR, -10 * YEAR)


def rows(d):
    db = sqlite3.connect(f"file:{d.data}/loadline.db?mode=ro", uri=True, timeout=10)
    n = db.execute(
        "SELECT (SELECT count(*) FROM samples s JOIN series r ON r.id = s.series_id WHERE r.service = 'kept'),"
        " (SELECT count(*) FROM business_metrics), (SELECT count(*) FROM rollup_5m)").fetchone()
    db.close()
    return n


class Clock:
    """The clock of the daemon: ours and an offset."""

    def __init__(self, day):
        self.rc, self.offset = os.path.join(day.folder, "clock"), 0
        self.set(0)

    def set(self, offset):
        self.offset = offset
        with open(self.rc + ".new", "w", encoding="ascii") as f:
            f.write(f"{offset:+d}\n")
        os.rename(self.rc + ".new", self.rc)

    def now(self):
        return time.time() + self.offset


def ages(d):
    got = d.json("/api/v1/snapshot")["metrics"]
    return [(m["service"], m["resource_type"], m["age_seconds"], m["stale"], m["status_reason"]) for m in got
            if m["service"] != "kept"]


def cells(d):
    return {(m["service"], m["resource_type"], m["part"]): m["status"] for m in d.json("/api/v1/snapshot")["metrics"]
            if m["service"] == "steady"}


def look(day, d, what):
    for service, kind, age, stale, why in ages(d):
        day.must(not stale, f"{what}: {service} {kind} became stale ({why}), age {age}")
        day.must(age is None or -0.001 <= age < 120, f"{what}: {service} {kind} is {age} s old")
    for c in d.json("/api/v1/status")["collectors"]:
        age = c["age_seconds"]
        day.must(age is None or 0 <= age < 120, f"{what}: the collector's age is {age}")
        day.must(c["up"], f"{what}: the collector is down: {c['error']}")


def step(day, d, clock, by):
    """One step; everything is looked at while it happens and after the daemon has noticed."""
    what = f"step to {by:+d} s from {clock.offset:+d} s"
    statuses, jumps = cells(d), sum(e["reason"] == "CLOCK_STEP" for e in d.json("/api/v1/events?limit=200")["items"])
    stepped = clock.offset != by
    clock.set(by)
    for _ in range(6):
        look(day, d, what)
        time.sleep(0.05)
    seen = stepped and until(lambda: sum(e["reason"] == "CLOCK_STEP" for e in d.json("/api/v1/events?limit=200")["items"])
                             > jumps or jumps >= 200, 5)
    day.must(seen is not None, f"{what}: no event")
    samples = d.json("/api/v1/status")["collectors"][0]["last_success"]
    day.must(until(lambda: d.json("/api/v1/status")["collectors"][0]["last_success"] != samples, 5),
             f"{what}: nothing is collected any more")
    look(day, d, what)
    day.must(cells(d) == statuses, f"{what}: status changed from {statuses} to {cells(d)}")
    now = clock.now()
    batch = [sample(service="steady", timestamp=now), sample(service="steady", part="ahead", timestamp=now + 700),
             sample(service="steady", timestamp=now - 1)]
    status, _, body = d.push(*batch)
    refused = json.loads(body)["rejected"] if status == 200 else []
    day.must(status == 200 and [r["index"] for r in refused] == [1], f"{what}: {status} {body[:200]}")


def fresh(d):
    """The live value of what is pushed must follow the clock, also backwards."""
    return [m["current_value"] for m in d.json("/api/v1/snapshot")["metrics"] if m["service"] == "moves"]


def main():
    with Day("clock", jumps=40) as day:
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        if not library or SANITIZED:
            day.skip("libfaketime is not installed (package faketime), or cannot be loaded beside a sanitizer")
        clock = Clock(day)
        env = {"FAKETIME_TIMESTAMP_FILE": clock.rc, "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
               "FAKETIME_FORCE_MONOTONIC_FIX": "0", "LD_PRELOAD": library[0]}
        d = day.daemon("--check-interval-seconds=1", env=env)
        d.start()
        now = int(time.time())
        old = [sample(service="kept", timestamp=now - 14 * DAY_S + i * 600) for i in range(2000)]
        status, _, body = d.request("POST", "/api/v1/metrics", {
            "metrics": old, "business": [{"metric": "orders", "value": 1, "timestamp": now - i * DAY_S} for i in range(30)]})
        day.need(status == 200, f"filling: {status} {body[:200]}")
        d.push(service="steady")
        day.need(until(lambda: rows(d)[2] > 1900, 30), f"rolled up only {rows(d)}")
        day.need(until(lambda: cells(d) and len(ages(d)) > 3, 10), "no live values")
        before = rows(d)
        jumps = 6 if day.quick else day.args.jumps
        value = 100
        for i in range(jumps):
            step(day, d, clock, STEPS[i % len(STEPS)] if i < len(STEPS) else day.rng.choice((*STEPS, 0)))
            value += 1
            d.push(service="moves", current_value=value)
            day.must(until(lambda v=value: fresh(d) == [v], 4), f"the live value stays {fresh(d)}, not {value}, at {clock.offset:+d} s")
        d.push(service="steady")
        # Restarts under a clock that is far ahead, with samples of that time in the database.
        for offset in (10 * YEAR, 10 * YEAR, 10 * YEAR, -10 * YEAR, 0):
            clock.set(offset)
            time.sleep(1.2)
            day.must(d.end()[0] == 0, "it did not end well")
            d.start()
            value += 1
            d.push(*(sample(service=name, current_value=value) for name in ("steady", "moves")))
            day.must(until(lambda v=value: fresh(d) == [v], 4), f"restart at {offset:+d} s: the live value stays {fresh(d)}")
            look(day, d, f"restart at {offset:+d} s")
            time.sleep(2.5 if offset > 0 else 0)
            after = rows(d)
            day.must(all(a >= b for a, b in zip(after, before)), f"restart at {offset:+d} s: rows {before} became {after}")
        after = rows(d)
        day.must(all(a >= b for a, b in zip(after, before)), f"rows (samples, business, five minutes) {before} became {after}")
        day.must(d.end()[0] == 0, "it did not end well")
        day.figures = {"jumps": jumps, "rows_before": "/".join(map(str, before)), "rows_after": "/".join(map(str, after)),
                       "restarts": 5}


main()
