#!/usr/bin/env python3
"""P1: ready within 5 s with 10 M stored points, also after kill -9 and an unclean log.

The points are put with SQL into a database the daemon made itself, which is the same file as if it
had collected them: 1,000 series, a sample each 15 s and more, rolled up to the last hour."""
import os
import signal
import sqlite3
import time

from live import Day, Writer, lost, until

SERIES = 1000


def fill(d, points):
    db = sqlite3.connect(f"{d.data}/loadline.db", isolation_level=None)
    now = int(time.time()) * 1000
    first = db.execute("SELECT coalesce(max(id), 0) + 1 FROM series").fetchone()[0]
    each, step = points // SERIES, 60_000
    start = now - each * step
    rolled = now - now % 3_600_000 - 3_600_000
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO series(id, service, resource_type, instance, part, unit, is_primary, first_seen, last_seen)"
        " VALUES(?, ?, 'CPU', 'a', '', 'cores', 1, ?, ?)",
        ((first + i, f"big{i:04d}", start, now) for i in range(SERIES)))
    db.execute(
        "WITH RECURSIVE s(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM s WHERE i + 1 < ?2),"
        " k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i + 1 < ?3)"
        " INSERT INTO samples SELECT s.i, ?4 + k.i * ?5, (k.i % 100) / 25.0, 4, NULL, 0 FROM s, k",
        (first, first + SERIES, each, start, step))
    for table, span in (("rollup_5m", 300_000), ("rollup_1h", 3_600_000)):
        db.execute(
            f"INSERT INTO {table} SELECT series_id, t - t % {span}, avg(value), max(value), max(value), count(*), 4"
            f" FROM samples WHERE series_id >= ? AND t < ? GROUP BY 1, 2", (first, rolled))
    db.execute("UPDATE state SET samples = (SELECT count(*) FROM samples), oldest = ?, newest = ?, rolled_5m = ?,"
               " rolled_1h = ?", (start, now, rolled, rolled))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return each * SERIES


def main():
    with Day("big_start", points=10_000_000, kills=10) as day:
        points, kills = (200_000, 2) if day.quick else (day.args.points, day.args.kills)
        d = day.daemon("--check-interval-seconds=1")
        d.start()
        d.end()
        began = time.monotonic()
        points = fill(d, points)
        filled = time.monotonic() - began
        times, writers = [d.start()], []
        for n in range(kills):
            w = Writer(d, f"kill{n}", per_post=100)
            w.start()
            day.must(until(lambda x=w: x.acked, 20), "nothing is acknowledged")
            time.sleep(day.rng.uniform(0.2, 1.5))
            os.kill(d.pid, signal.SIGKILL)
            d.process.wait()
            writers.append(w.end())
            times.append(d.start())
        samples = d.json("/api/v1/status")
        rss = d.rss_kib()
        if day.timed:
            day.must(max(times) <= 5, f"ready after {max(times):.1f} s")
        day.must(d.end()[0] == 0, f"it did not end well: {d.said()[-500:]}")
        total, bad, verdict = lost(d.data, writers)
        day.must(total > 0 and bad == 0 and verdict == "ok", f"{bad} of {total} lost, {verdict}")
        day.figures = {"points": points, "filled_s": round(filled, 1), "mib": os.path.getsize(f"{d.data}/loadline.db") >> 20,
                       "kills": kills, "first_ready_s": round(times[0], 2), "slowest_ready_s": round(max(times), 2),
                       "rss_kib": rss, "series": samples["engine"]["series"], "acked": total, "lost": bad}


main()
