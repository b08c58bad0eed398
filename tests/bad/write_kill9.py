#!/usr/bin/env python3
"""P1 on the remote-write path: what was acknowledged survives kill -9, the points under their own labels
and what a mapping made of them.  200 kills; --quick: 8."""
import os
import signal
import sqlite3
import time

from live import Day, Sender, lost, until

CONFIG = """
collect: {host: {enabled: false}}
mapping:
  - match: numbered
    raw: true
    service: '{job}'
    resource_type: QUEUE_DEPTH
    value: gauge
"""


def mapped(data, writers):
    """Of the acknowledged, how many the mapping has not made a sample of: the rounds of a killed
    daemon are mapped again at the next start, so in the end there is none."""
    db = sqlite3.connect(f"file:{data}/loadline.db?mode=ro", uri=True)
    missing = total = 0
    for w in writers:
        rows = dict(db.execute(
            "SELECT s.t, s.value FROM samples s JOIN series r ON r.id = s.series_id WHERE r.service = ?", (w.name_,)))
        for n in w.acked:
            for i in range(n * w.per_post, (n + 1) * w.per_post):
                total += 1
                missing += rows.get((w.base + i) * 1000) != i
    db.close()
    return total, missing


def main():
    with Day("write_kill9", rounds=200) as day:
        d = day.daemon("--storage.max-series=100000", config=CONFIG)
        writers, slowest = [], 0.0
        rounds = 8 if day.quick else day.args.rounds
        for n in range(rounds):
            slowest = max(slowest, d.start())
            now = [Sender(d, f"w{n}_{i}", per_post=50) for i in range(4)]
            for w in now:
                w.start()
            time.sleep(day.rng.uniform(0.1, 0.7))
            os.kill(d.pid, signal.SIGKILL)
            d.process.wait()
            writers += [w.end() for w in now]
        slowest = max(slowest, d.start())
        # The last rounds end when nothing is added for three seconds.
        until(lambda: mapped(d.data, writers)[1] == 0, 20, 0.5)
        code, _ = d.end()
        day.must(code == 0, f"it ended with {code}")
        total, bad, verdict = lost(d.data, writers)
        day.must(total > 0 and bad == 0 and verdict == "ok", f"{bad} of {total} lost, {verdict}")
        _, missing = mapped(d.data, writers)
        day.must(missing == 0, f"{missing} of {total} acknowledged points are not mapped")
        day.must(not any(w.refused_for_good() for w in writers), "good data was refused")
        day.must(slowest <= 5 or not day.timed, f"ready after {slowest:.1f} s")
        day.figures.update(kills=rounds, acked=total, lost=bad, unmapped=missing, ready_s=round(slowest, 2))


main()
