"""Imports the history of a real Prometheus into a real daemon, with kill -9 of both on the way,
and compares all of it with what Prometheus says.

usage: import_prometheus.py LOADLINE FOLDER DAYS HOSTS     a host has 18 series"""
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.join(os.path.dirname(HERE), "tests")
sys.dont_write_bytecode = True
os.environ["LOADLINE_BIN"] = os.path.abspath(sys.argv[1])
sys.path[:0] = [os.path.join(TESTS, "prometheus"), os.path.join(TESTS, "cli")]
from fake import Real, backfill  # noqa: E402
from history import hosts  # noqa: E402
from support import BIN, Daemon, environment, wait_until  # noqa: E402

FOLDER, DAYS, HOSTS = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
DAY = 86400
END = int(time.time()) // 3600 * 3600
START = END - DAYS * DAY
EVERY, SERIES = 150, HOSTS * 18


def fill():
    """Ten days at a time: promtool keeps what it makes in memory."""
    began = time.time()
    for first in range(START - 600, END, 10 * DAY):
        backfill(FOLDER, hosts(HOSTS, first, min(first + 10 * DAY, END + 60), EVERY, origin=START),
                 block="240h")
    print(f"{SERIES} series, {DAYS} days, a sample each {EVERY} s: "
          f"{SERIES * DAYS * DAY // EVERY:,} samples made in {time.time() - began:.0f} s")


def command(url, daemon, *more):
    return [BIN, "import", "prometheus", "--url", url, "--since", f"{DAYS}d", "--until", str(END),
            "--load", "100", "--server", daemon.url, "-o", "json", *more]


def start(args):
    return subprocess.Popen(args, env=environment(), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, encoding="utf-8")


def place(daemon):
    """The last time that an import has reached, from the size of what is stored."""
    path = f"/api/v1/metrics?service=node&resource_type=MEMORY&instance=host0&from={START}" \
           f"&to={END}&step=3600"
    try:
        status, body = daemon.request("GET", path)
    except OSError:
        return 0
    if status != 200:
        return 0
    return sum(v is not None for v in json.loads(body)["columns"]["value"]) / (DAYS * 24)


def compare(prometheus, daemon, kind, expr):
    """Every five minutes of every host against query_range; how many were compared."""
    n = worst = 0
    for day in range(START, END, DAY):
        end = min(day + DAY, END)
        want = {}
        for r in prometheus.query(expr, "query_range", start=day + 300, end=end, step=300):
            host = r["metric"]["instance"].split(":")[0]
            want.update({(host, int(t) - 300): float(v) for t, v in r["values"]})
        for host in sorted({h for h, _ in want}):
            doc = json.loads(daemon.request("GET", f"/api/v1/metrics?service=node&resource_type="
                                            f"{kind}&instance={host}&from={day}&to={end}"
                                            "&step=300")[1])
            for i, value in enumerate(doc["columns"]["value"]):
                expected = want.pop((host, doc["t0"] + i * 300), None)
                assert (value is None) == (expected is None), (kind, host, doc["t0"] + i * 300)
                if value is not None:
                    worst = max(worst, abs(value - expected) / max(abs(expected), 1e-12))
                    n += 1
        assert not want, f"{len(want)} values are missing, as {next(iter(want))}"
    assert worst < 1e-9, worst
    return n


def main():
    fill()
    prometheus = Real(FOLDER).start()
    config = os.path.join(FOLDER, "loadline.yml")  # its first day must not grow too old meanwhile
    with open(config, "w", encoding="ascii") as f:
        f.write("storage: {retention: {five_minute: 120d}}\n")
    daemon = Daemon(FOLDER, f"--config.file={config}").start()
    try:
        measure(prometheus, daemon)
    finally:
        daemon.stop(signal.SIGKILL)
        prometheus.stop()


def measure(prometheus, daemon):
    args = command(prometheus.url, daemon)
    first = start(args)
    wait_until(lambda: place(daemon) > 0.25 or first.poll() is not None, 3600, 0.2)
    assert first.poll() is None, first.communicate()
    first.kill()
    first.communicate()
    print(f"the command was killed at {100 * place(daemon):.0f} %")
    second = start(args)
    wait_until(lambda: place(daemon) > 0.6 or second.poll() is not None, 3600, 0.2)
    assert second.poll() is None, second.communicate()
    daemon.stop(signal.SIGKILL)
    print("the daemon was killed, and is started again after 2 s")
    time.sleep(2)
    daemon.start()
    out, said = second.communicate(timeout=3600)
    assert second.returncode == 0, said
    print(said.strip())
    cpu = 'sum by (instance)(rate(node_cpu_seconds_total{mode!~"idle|iowait"}[5m]))'
    memory = "avg_over_time(node_memory_MemTotal_bytes[5m]) - avg_over_time(" \
             "node_memory_MemAvailable_bytes[5m])"
    n = sum(compare(prometheus, daemon, *what) for what in (("CPU", cpu), ("MEMORY", memory)))
    print(f"compared with query_range: {n:,} values, none missing, none more")
    whole = start([*args, "--restart"])
    out, said = whole.communicate(timeout=3600)
    assert whole.returncode == 0, said
    doc = json.loads(out)
    samples = SERIES * DAYS * DAY // EVERY
    print(f"once more, in one go: {doc['series']} series, {doc['rows_5m']:,} + {doc['rows_1h']:,} "
          f"rows in {doc['seconds']:.1f} s: {doc['rows_per_second']:,.0f} rows/s, "
          f"{samples / doc['seconds']:,.0f} samples of Prometheus/s, {doc['queries']} queries")


if __name__ == "__main__":
    main()
