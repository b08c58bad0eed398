"""Scores the peak that `loadline forecast FILE -o json` states, beside that of seasonal naive.

usage: forecast_peaks.py PROGRAM [--quick] [--each]

M4 Hourly and series of operation: the highest hour of the next day, on each of the last seven days
(M4 also of the next two days); volume of US stocks: the highest hour of the next session, at each
open of the last year.  A table a group: APE of the median, how often the peak stayed under P95, how
far P95 is over the median; then P(peak > capacity) against what came, for capacities of 0.7 to 2
times the highest value of the last three seasons: one a task, of the few of operation all.  --each prints every series, not the worst 45.

Of a task an APE counts at most 100 %: a host that idles for a day when it usually works has an APE
of some thousand percent by any forecast but zero.  The mean without that is printed too.  Figures
stand beside their goals; the exit code is 1 when one is missed."""
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forecast_score as fs  # noqa: E402

CAPACITIES = (0.7, 0.85, 1.0, 1.15, 1.3, 1.6, 2.0)
EDGES = (0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 1.001)
ROWS = 45
missed = []


class Peak:
    """One task's peak: what came, what was said.  over: [(P(peak > capacity), whether it was)]."""

    def __init__(self, task, said):
        self.series, self.came = task.series, max(task.actual)
        self.value, self.upper = said["value"], said["upper_95"]
        self.naive, self.under = max(task.naive()), self.came <= said["upper_95"]
        self.over = []

    def ape(self, value, most=float("inf")):
        return min(abs(value - self.came) / self.came, most) if self.came > 0 else None


def write(tasks, capacities, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write("series,timestamp,value,capacity\n")
        for t, c in zip(tasks, capacities):
            f.writelines(f"{t.name},{at},{v!r},{c!r}\n" for at, v in zip(t.times, t.y))


def capacity_of(task, at):
    usual = max(task.y[-3 * task.season :])
    return CAPACITIES[at % len(CAPACITIES)] * (usual if usual > 0 else 1.0)


def said_of(program, tasks, capacities, flags):
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        write(tasks, capacities, f.name)
        args = [program, "forecast", f.name, "--horizon", str(len(tasks[0].actual)), "-o", "json"]
        run = subprocess.run([*args, *flags], check=True, capture_output=True, encoding="utf-8")
    return {row["series"]: row["peak"] for row in json.loads(run.stdout)}


def ask(program, tasks, rounds, flags):
    """The peaks of all tasks: one run of the program for each number of steps and each round."""
    peaks = {}
    for h in sorted({len(t.actual) for t in tasks}):
        some = [t for t in tasks if len(t.actual) == h]
        for turn in range(rounds):
            capacities = [capacity_of(t, i + turn) for i, t in enumerate(some)]
            said = said_of(program, some, capacities, flags)
            for t, c in zip(some, capacities):
                p = peaks.setdefault(t.name, Peak(t, said[t.name]))
                p.over.append((said[t.name]["exceeds_capacity"], p.came > c))
    return list(peaks.values())


def m4_rolled(every, days, hours):
    """Days before the end of train and test together, an origin each."""
    tasks = []
    for t in fs.m4_tasks(every):
        y = t.y + t.actual
        first = fs.hour_of(t.times[0])
        for day in range(days, 0, -1):
            end = len(y) - 24 * (day - 1) - hours
            times = [fs.stamp_of(first + i) for i in range(end)]
            name = f"{t.series}/{day}"
            tasks.append(fs.Task(name, t.series, times, y[:end], y[end : end + hours], 24))
    return tasks


def apes(peaks, of, most=float("inf")):
    return [a for a in (p.ape(of(p), most) for p in peaks) if a is not None] or [0.0]


def line(name, peaks):
    ours, naive = apes(peaks, lambda p: p.value), apes(peaks, lambda p: p.naive)
    under = sum(p.under for p in peaks) / len(peaks)
    wide = [p.upper / p.value for p in peaks if p.value > 0] or [1.0]
    cells = (statistics.mean(ours), statistics.median(ours), statistics.mean(naive),
             statistics.median(naive))  # fmt: skip
    return (f"  {name[:36]:<36} {len(peaks):>5}" + "".join(f"{100 * c:>9.1f}" for c in cells)
            + f"{100 * under:>9.1f}{statistics.median(wide):>8.2f}")  # fmt: skip


def goal(name, value, shown, met):
    print(f"  {name:<44} {value:>7.3f}   goal {shown:<12} {'ok' if met else 'MISSED'}")
    if not met:
        missed.append(name)


def reliability(peaks):
    """Of probabilities that were stated alike: how often the peak was over; the mean distance."""
    print(f"  P(peak > capacity)  {'stated':>10}{'came':>8}{'of':>7}")
    off, n = 0.0, 0
    for low, high in zip(EDGES, EDGES[1:]):
        some = [x for p in peaks for x in p.over if low <= x[0] < high]
        if not some:
            continue
        stated, came = (sum(v) / len(some) for v in zip(*some))
        off, n = off + abs(stated - came) * len(some), n + len(some)
        print(f"  {'':<18}{stated:>12.3f}{came:>8.3f}{len(some):>7}")
    return off / max(n, 1)


def table(peaks, each):
    by = {}
    for p in peaks:
        by.setdefault(p.series, []).append(p)
    print(f"  {'':<36} {'n':>5}{'APE %':>9}{'median':>9}{'naive %':>9}{'median':>9}"
          f"{'under %':>9}{'P95 x':>8}")  # fmt: skip
    order = sorted(by, key=lambda s: -statistics.mean(apes(by[s], lambda p: p.value)))
    for s in order if each else order[:ROWS]:
        print(line(s, by[s]))
    if len(order) > ROWS and not each:
        print(f"  ... {len(order) - ROWS} series with less")
    print(line("all, without a limit", peaks))


def group(program, name, what, tasks, most, each, rounds=1, flags=()):
    if not tasks:
        return
    peaks = ask(program, tasks, rounds, flags)
    print(f"{name}: {what}")
    table(peaks, each)
    held, naive = apes(peaks, lambda p: p.value, 1), apes(peaks, lambda p: p.naive, 1)
    low = sum(p.came <= p.value for p in peaks) / len(peaks)
    print(f"  each APE at most 100 %: seasonal naive {statistics.mean(naive):.3f}; "
          f"peaks at or under the median {low:.3f}")  # fmt: skip
    goal(f"mean APE, {name}", statistics.mean(held), f"<= {most:g}", statistics.mean(held) <= most)
    under = sum(p.under for p in peaks) / len(peaks)
    goal(f"peaks under P95, {name}", under, "0.93 to 0.97", 0.93 <= under <= 0.97)
    off = reliability(peaks)
    goal(f"P(peak > capacity) off by, {name}", off, "<= 0.05", off <= 0.05)


def main():
    program, quick, each = sys.argv[1], "--quick" in sys.argv[2:], "--each" in sys.argv[2:]
    m4, day = 20 if quick else 1, "the next day, each of the last 7"
    group(program, "M4 Hourly", day, m4_rolled(m4, 7, 24), 0.08, each)
    group(program, "M4 Hourly, two days", "the 48 hours of the competition",
          m4_rolled(m4, 1, 48), 0.08, each)  # fmt: skip
    group(program, "operation", day, fs.ops_tasks(5 if quick else 1), 0.20, each,
          len(CAPACITIES))  # fmt: skip
    group(program, "trade", "the next session, calendar XNYS", fs.trade_tasks(25 if quick else 1),
          0.20, each, 1, ("--calendar", "XNYS"))  # fmt: skip
    if quick:
        print("a part of the series: the goals are those of all")
    print(f"goals missed: {', '.join(missed)}" if missed else "all goals met")
    return 1 if missed and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
