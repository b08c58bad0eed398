#!/usr/bin/env python3
"""P17: SIGTERM under load, with open streams, a client that drips and writes under way: it ends with 0
within 10 s, loses nothing acknowledged, and starts again.  A second daemon on the same folder or
port says so."""
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time

from live import BIN, RAW, Day, Sender, Writer, free_port, lost, span, until


def stream(d):
    s = d.connect()
    s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
    s.recv(4096)
    return s


def drip(d, stop):
    """Never finishes its header."""
    try:
        with d.connect() as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
            while not stop.is_set():
                s.sendall(b"a")
                stop.wait(0.2)
    except OSError:
        pass


def half_a_body(d):
    s = d.connect()
    s.sendall(b"POST /api/v1/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
              b"Content-Length: 1000\r\n\r\n{\"metrics\":[")
    return s


def unread(d):
    """Asks and asks, and reads nothing."""
    s = d.connect()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.settimeout(0.3)
    try:
        for _ in range(500):
            s.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    except OSError:
        pass
    return s


def round_of(day, d, writers, number, n):
    d.start()
    now = [Writer(d, f"term{n}_{i}") for i in range(2)] + [Sender(d, f"term{n}_sent")]
    for w in now:
        w.start()
    stop = threading.Event()
    held = [stream(d), stream(d), half_a_body(d), unread(d)]
    t = threading.Thread(target=drip, args=(d, stop), daemon=True)
    t.start()
    day.must(until(lambda: all(w.acked for w in now), 10), f"round {n}: nothing acknowledged")
    time.sleep(day.rng.uniform(0.05, 0.4))
    code, took = d.end(number)
    day.must(code == 0, f"round {n}: ended with {code}: {d.said()[-800:]}")
    day.must(took <= 10 or not day.timed, f"round {n}: took {took:.1f} s")
    day.must(not os.path.exists(f"{d.data}/loadline.db-wal") or os.path.getsize(f"{d.data}/loadline.db-wal") == 0,
             f"round {n}: the log was not moved into the database")
    stop.set()
    t.join(5)
    for s in held:
        s.close()
    writers += [w.end() for w in now]
    return took


def run_second(*flags):
    return subprocess.run([BIN, "serve", *flags], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=span(20), check=False)


def doubles(day, d):
    d.start()
    r = run_second(f"--web.listen-address=127.0.0.1:{free_port()}", f"--storage.path={d.data}")
    day.must(r.returncode not in (0, -6, -11), f"a second one on the folder ended with {r.returncode}")
    day.must(str(d.data) in r.stderr and ("another" in r.stderr or "in use" in r.stderr),
             f"a second one on the folder says: {r.stderr[-300:]}")
    with tempfile.TemporaryDirectory(dir=day.folder) as other:
        r = run_second(f"--web.listen-address=127.0.0.1:{d.port}", f"--storage.path={other}/data")
        day.must(r.returncode not in (0, -6, -11), f"a second one on the port ended with {r.returncode}")
        day.must(str(d.port) in r.stderr and "in use" in r.stderr.lower(), f"a second one on the port says: {r.stderr[-300:]}")
        os.chmod(other, 0o500)
        r = run_second(f"--web.listen-address=127.0.0.1:{free_port()}", "--storage.path=/proc/loadline")
        day.must(r.returncode not in (0, -6, -11) and "/proc/loadline" in r.stderr, f"no folder: {r.returncode} {r.stderr[-300:]}")
        r = run_second(f"--web.listen-address=127.0.0.1:{free_port()}", f"--storage.path={other}", "--config.file=/nowhere.yml")
        day.must(r.returncode not in (0, -6, -11) and "/nowhere.yml" in r.stderr, f"no file: {r.returncode} {r.stderr[-300:]}")
        os.chmod(other, 0o700)
    day.must(d.answers("/-/ready"), "the first one is not ready any more")
    # Two signals at once, and one before it is ready.
    d.process.send_signal(signal.SIGTERM)
    code, took = d.end(signal.SIGTERM)
    day.must(code == 0, f"two SIGTERM: {code}")
    for wait in (0, 0.005, 0.01, 0.02, 0.05):
        d.start(wait=0)
        time.sleep(wait)
        d.process.send_signal(signal.SIGTERM)
        try:
            code = d.process.wait(span(15))
            day.must(code in (0, -signal.SIGTERM), f"SIGTERM after {wait} s: {code}")
        except subprocess.TimeoutExpired:
            day.must(False, f"SIGTERM after {wait} s: it goes on")


def main():
    with Day("term", rounds=30) as day:
        d = day.daemon("--check-interval-seconds=1", config=RAW)
        writers, times = [], []
        for n in range(2 if day.quick else day.args.rounds):
            times.append(round_of(day, d, writers, signal.SIGTERM if n % 2 == 0 else signal.SIGINT, n))
        total, bad, verdict = lost(d.data, writers)
        day.must(total > 0 and bad == 0 and verdict == "ok", f"{bad} of {total} lost, {verdict}")
        doubles(day, d)
        worst = max(times)
        day.figures = {"rounds": len(times), "slowest_s": round(worst, 2), "acked": total, "lost": bad}


main()
