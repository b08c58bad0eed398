#!/usr/bin/env python3
"""P13: slow clients.  A thousand connections drip a header byte every 2 s while samples come in;
/-/healthy keeps answering.  A dripped header is cut at 10 s, a dripped body at 30 s, a connection
that is idle at 60 s."""
import resource
import socket
import threading
import time

from live import SANITIZED, Day, Writer, lost, quantile

HEADER = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
BODY = b"POST /api/v1/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"


class Drippers(threading.Thread):
    """n connections at a time; one that was cut is made again."""

    def __init__(self, d, n):
        super().__init__(daemon=True)
        self.d, self.wanted, self.stop = d, n, False
        self.lives, self.open, self.refused = [], {}, 0

    def add(self):
        try:
            s = socket.create_connection(("127.0.0.1", self.d.port), timeout=2)
            s.setblocking(False)
            s.send(HEADER)
            now = time.monotonic()
            self.open[s] = [now, now]
        except OSError:
            self.refused += 1
            return False
        return True

    def drop(self, s):
        self.lives.append(time.monotonic() - self.open.pop(s)[0])
        s.close()

    def turn(self):
        now = time.monotonic()
        for s, times in list(self.open.items()):
            try:
                if s.recv(4096) == b"":
                    self.drop(s)
                    continue
            except BlockingIOError:
                pass
            except OSError:
                self.drop(s)
                continue
            if now - times[1] >= 2:
                try:
                    s.send(b"a")
                    times[1] = now
                except OSError:
                    self.drop(s)

    def run(self):
        while not self.stop:
            self.turn()
            for _ in range(100):
                if len(self.open) >= self.wanted or not self.add():
                    break
            time.sleep(0.1)
        for s in list(self.open):
            s.close()


def one_slow(d, first, piece, every, most):
    """Seconds until the daemon ended a connection on which `piece` is sent again and again."""
    began = time.monotonic()
    with d.connect() as s:
        s.sendall(first)
        s.settimeout(every)
        while time.monotonic() - began < most:
            try:
                if piece:
                    s.sendall(piece)
                if s.recv(65536) == b"":
                    return time.monotonic() - began
            except socket.timeout:
                continue
            except OSError:
                return time.monotonic() - began
    return most


def cuts(day, d, result):
    """The three deadlines, each on a connection of its own, at once."""
    rows = {"header": (HEADER, b"a", 1, 20, 10), "nothing": (b"", b"", 1, 20, 10)}
    if not day.quick:
        rows["body"] = (BODY, b" ", 1, 45, 30)
        rows["idle"] = (b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"", 1, 90, 60)
        rows["second_header"] = (b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEADER, b"a", 1, 90, None)

    def run(name, row):
        took = one_slow(d, *row[:4])
        result[name] = round(took, 1)
        if row[4] and not SANITIZED:
            day.must(abs(took - row[4]) <= 2, f"dripped {name}: cut after {took:.1f} s, not {row[4]}")
        day.must(took < row[3], f"dripped {name}: never cut")

    threads = [threading.Thread(target=run, args=x, daemon=True) for x in rows.items()]
    for t in threads:
        t.start()
    return threads


def main():
    with Day("slow_clients", seconds=300) as day:
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        n, seconds = (200, 14) if day.quick else (1000, day.args.seconds)
        d = day.daemon("--check-interval-seconds=1")
        d.start()
        d.push()
        before = d.rss_kib()
        slow = Drippers(d, n)
        slow.start()
        result = {}
        threads = cuts(day, d, result)
        writers = [Writer(d, f"slow{i}", per_post=100, pause=0.1) for i in range(2)]
        for w in writers:
            w.start()
        times, failed, most = [], 0, 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                if d.request("GET", "/-/healthy", timeout=10)[0] != 200:
                    failed += 1
            except OSError:
                failed += 1
            times.append(time.monotonic() - began)
            most = max(most, len(slow.open))
            time.sleep(0.02)
        grown = d.rss_kib() - before
        for t in threads:
            t.join(120)
        slow.stop = True
        slow.join(10)
        for w in writers:
            w.end()
        p99 = quantile(times, 0.99)
        day.must(not failed, f"/-/healthy failed {failed} times of {len(times)}")
        day.must(most >= n * 0.9, f"only {most} slow connections were open")
        if not day.quick and not SANITIZED:
            day.must(p99 <= 0.2, f"/-/healthy p99 is {p99 * 1000:.0f} ms")
        late = [x for x in slow.lives if not 8 <= x <= 13]
        day.must(slow.lives and (SANITIZED or not late), f"{len(late)} of {len(slow.lives)} lived {late[:5]} s")
        broken = sum(w.broken for w in writers)
        other = [w.statuses for w in writers if set(w.statuses) != {200}]
        day.must(not broken and not other, f"writes: {broken} broken, {other}")
        day.must(d.end()[0] == 0, "it did not end well")
        total, bad, verdict = lost(d.data, writers)
        day.must(total > 0 and bad == 0 and verdict == "ok", f"{bad} of {total} lost, {verdict}")
        day.figures = {"slow": most, "cut": len(slow.lives), "seconds": seconds, "asked": len(times),
                       "p50_ms": round(quantile(times, 0.5) * 1000, 1), "p99_ms": round(p99 * 1000, 1),
                       "max_ms": round(max(times) * 1000, 1), **{f"cut_{k}_s": v for k, v in result.items()},
                       "grown_kib": grown, "acked": total, "lost": bad}


main()
