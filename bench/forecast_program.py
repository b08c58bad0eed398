"""Scores what `loadline forecast FILE -o csv` prints, since that is what users get.

usage: forecast_program.py PROGRAM [--quick]

M4 Hourly with its test; then series of operation, 24 h ahead on each of the last 7 days; the same
kind in steps of minutes, an hour ahead; volume of US stocks, the next session with the calendar of New York; page views, 14 days ahead.  Figures
stand beside their goals; the exit code is 1 when one is missed."""
import os
import resource
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import forecast_score as fs  # noqa: E402

missed = []


def forecast(program, tasks, horizon, *flags):
    """The forecasts of all tasks by one run of the program, and its CPU seconds."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        fs.write_tasks(tasks, f.name)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        args = [program, "forecast", f.name, "--horizon", str(horizon), "-o", "csv", *flags]
        run = subprocess.run(args, check=True, capture_output=True, encoding="utf-8")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return fs.read_forecasts(run.stdout), cpu


def goal(name, value, shown, met):
    print(f"  {name:<36} {value:>9}   goal {shown:<14} {'ok' if met else 'MISSED'}")
    if not met:
        missed.append(name)


def at_most(name, value, most):
    goal(name, f"{value:.3f}", f"<= {most:g}", value <= most)


def within(name, value, low, high):
    goal(name, f"{value:.3f}", f"{low:g} to {high:g}", low <= value <= high)


def scored(program, tasks, horizon, *flags):
    """Scores of the program and of repeating the last season."""
    got, cpu = forecast(program, tasks, horizon, *flags)
    ours, naive = fs.Score(), fs.Score()
    for t in tasks:
        h = len(t.actual)
        point, lower, upper = (v[:h] for v in got[t.name])
        ours.add(t, point, lower, upper)
        naive.add(t, t.naive())
    print(f"  {len(tasks)} forecasts, {1e3 * cpu / len(tasks):.2f} ms of CPU each, reading included")
    return ours, naive


def by_series(tasks, ours, naive):
    """{series: sum of ours / sum of naive}"""
    sums = {}
    for t in tasks:
        a, b = sums.get(t.series, (0.0, 0.0))
        sums[t.series] = (a + ours.mase[t.name], b + naive.mase[t.name])
    return {k: a / max(b, 1e-12) for k, (a, b) in sums.items()}


def against_naive(name, tasks, ours, naive):
    ratios = by_series(tasks, ours, naive)
    worst = max(ratios, key=ratios.get)
    better = sum(r < 1 for r in ratios.values())
    at_most("MASE over seasonal naive's", ours.mean_mase / naive.mean_mase, 1)
    print(f"  MASE {ours.mean_mase:.3f}, seasonal naive {naive.mean_mase:.3f}; MSIS {ours.msis:.2f}; "
          f"better on {better} of {len(ratios)} series ({100 * better / len(ratios):.0f} %)")
    at_most(f"worst ratio ({worst})"[:36], ratios[worst], 1.3)
    within(f"coverage at 95 %, {name}", ours.coverage, 0.93, 0.97)


def m4(program, every):
    tasks = fs.m4_tasks(every)
    if not tasks:
        return
    print("M4 Hourly, 48 h ahead")
    ours, naive = scored(program, tasks, 48)
    print(f"  OWA {ours.owa:.3f}, seasonal naive {naive.owa:.3f}")
    at_most("sMAPE", ours.smape, 9.0)
    at_most("MASE", ours.mean_mase, 0.80)
    within("coverage at 95 %, M4", ours.coverage, 0.93, 0.96)
    at_most("MSIS", ours.msis, 6.2)


def main():
    program, quick = sys.argv[1], "--quick" in sys.argv[2:]
    m4(program, 20 if quick else 1)
    rows = (
        ("operation", "24 h ahead, each of the last 7 days", fs.ops_tasks(5 if quick else 1), 24, ()),
        ("minutes", "the next hour, in steps of 1 or 5 minutes",
         fs.own_step_tasks(10 if quick else 1), "1h", ()),
        ("trade", "the next session, calendar XNYS", fs.trade_tasks(25 if quick else 2), 7,
         ("--calendar", "XNYS")),
        ("daily", "page views, 14 days ahead", fs.daily_tasks(), 14, ()),
    )  # fmt: skip
    for name, what, tasks, horizon, flags in rows:
        if tasks:
            print(f"{name}: {what}")
            ours, naive = scored(program, tasks, horizon, *flags)
            against_naive(name, tasks, ours, naive)
    if quick:
        print("a part of the series: the goals are those of all")
    print(f"goals missed: {', '.join(missed)}" if missed else "all goals met")
    return 1 if missed and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
