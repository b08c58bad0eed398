"""Loadline's forecasts beside those of R's forecast package and StatsForecast.

usage: forecast.py PROGRAM [--quick] [--statsforecast PYTHON] [METHOD...]

Same series, same run; METHODs: only these of the peers.  Each peer is told the seasons (24, and 168 where it takes two); Loadline
finds its own.  CPU is user + system: of Loadline the whole process with reading and printing, of
peers the calls of their models alone.  `better` is the share of series on which Loadline's MASE is
the lower one, p that of a two-sided sign test."""
import argparse
import os
import resource
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import forecast_score as fs  # noqa: E402

R_METHODS = ("snaive", "thetaf", "stlf", "mstl+ets", "ets", "auto.arima")
PY_METHODS = ("SeasonalNaive", "AutoTheta", "MSTL", "AutoETS")
SLOW = {"auto.arima": 10}  # has every 10th of the series only
QUICK_SLOW = {"auto.arima": 4, "ets": 4}


def loadline(program, tasks, horizon):
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        fs.write_tasks(tasks, f.name)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(
            [program, "forecast", f.name, "--horizon", str(horizon), "-o", "csv"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return fs.read_forecasts(run.stdout), cpu / len(tasks), 0


def peer(command, method, tasks, horizon):
    """Its forecasts, seconds of CPU a series, series without an answer; None when it ended badly."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "in.csv"), os.path.join(folder, "out.csv")
        with open(source, "w", encoding="utf-8") as f:
            f.write("series,value\n")
            for t in tasks:
                f.writelines(f"{t.name},{v!r}\n" for v in t.y)
        env = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        run = subprocess.run(
            [*command, method, str(horizon), source, target],
            env=env, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        if run.returncode != 0:
            print(f"  {method}: ended with {run.returncode}: {run.stderr.strip()[-300:]}")
            return None
        cpu, done, failed = run.stdout.strip().splitlines()[-1].split()
        out = {}
        with open(target, encoding="utf-8") as f:
            for line in f:
                name, _, *values = line.rsplit(",", 4)
                for part, v in zip(out.setdefault(name, ([], [], [])), values):
                    part.append(float(v))
    return out, float(cpu) / (int(done) + int(failed)), int(failed)


def score(tasks, got):
    s = fs.Score()
    for t in tasks:
        if t.name in got:
            s.add(t, *(v[: len(t.actual)] for v in got[t.name]))
    return s


def show(name, s, cpu, failed, ours, ours_cpu):
    """One row; ours is None for Loadline's own."""
    row = (f"{name:<26} {s.n:>4} {s.smape:>7.2f} {s.mean_mase:>7.3f} {s.owa:>6.3f} "
           f"{s.coverage:>6.3f} {s.msis:>7.2f} {1e3 * cpu:>10.2f}")
    if ours:
        better, worse, p = fs.sign_test(ours.mase, s.mase)
        same = sum(ours.mase[k] for k in s.mase) / max(s.n, 1)
        row += (f" {cpu / ours_cpu:>8.1f} {100 * better / max(better + worse, 1):>6.0f} % "
                f"{p:>8.1e} {same:>7.3f}")
    print(row + (f"  ({failed} without an answer)" if failed else ""), flush=True)


def compare(title, tasks, horizon, options):
    print(f"\n== {title}: {len(tasks)} forecasts, {horizon} h ahead")
    print(f"{'method':<26} {'n':>4} {'sMAPE':>7} {'MASE':>7} {'OWA':>6} {'cov95':>6} {'MSIS':>7} "
          f"{'CPU ms':>10} {'x ours':>8} {'better':>8} {'p':>8} {'ours':>7}")
    got, ours_cpu, _ = loadline(options.program, tasks, horizon)
    ours = score(tasks, got)
    show("Loadline", ours, ours_cpu, 0, None, 0)
    peers = [(m, "R", ["Rscript", os.path.join(HERE, "forecast.R")]) for m in R_METHODS]
    if options.statsforecast:
        script = os.path.join(HERE, "statsforecast_run.py")
        peers += [(m, "StatsForecast", [options.statsforecast, script]) for m in PY_METHODS]
    for method, home, command in peers:
        if options.methods and method not in options.methods:
            continue
        some = tasks[:: (QUICK_SLOW if options.quick else SLOW).get(method, 1)]
        answer = peer(command, method, some, horizon)
        if answer:
            got, cpu, failed = answer
            show(f"{home} {method}", score(some, got), cpu, failed, ours, ours_cpu)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--quick", action="store_true")
    p.add_argument("--statsforecast", metavar="PYTHON")
    p.add_argument("methods", nargs="*", metavar="METHOD")
    options = p.parse_intermixed_args()
    m4 = fs.m4_tasks(20 if options.quick else 1)
    ops = fs.ops_tasks(20 if options.quick else 1)
    compare("M4 Hourly", m4, 48, options)
    compare("operation", ops, 24, options)
    print("\nours: Loadline's MASE on the series that the peer has; x ours: the peer's CPU over Loadline's.")
    print("OWA is by Naive2 of M4 Hourly, the odd ids: of operation it has no meaning.")


if __name__ == "__main__":
    main()
