"""One method of StatsForecast over a file of series.

usage: statsforecast_run.py METHOD HORIZON IN.csv OUT.csv
  IN: series,value in order of time; OUT: series,step,point,lower,upper at 95 %
The last line of standard output: seconds of CPU in models, series forecast, series that failed.
What is compiled at the first call is compiled before the clock runs."""
import csv
import math
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import numpy as np  # noqa: E402
from statsforecast.models import MSTL, AutoETS, AutoTheta, SeasonalNaive  # noqa: E402

DAY, WEEK = 24, 168


def model_of(method, n):
    if method == "SeasonalNaive":
        return SeasonalNaive(season_length=DAY)
    if method == "AutoTheta":
        return AutoTheta(season_length=DAY)
    if method == "AutoETS":
        return AutoETS(season_length=DAY)
    return MSTL(season_length=[DAY, WEEK] if n >= 2 * WEEK else [DAY])


def forecast(method, y, h):
    f = model_of(method, len(y)).forecast(y=y, h=h, level=[95])
    return f["mean"], f["lo-95"], f["hi-95"]


def main():
    method, h = sys.argv[1], int(sys.argv[2])
    series = {}
    with open(sys.argv[3], encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            series.setdefault(row["series"], []).append(float(row["value"]))
    first = np.array(next(iter(series.values())))
    forecast(method, first, h)
    cpu, failed = 0.0, 0
    with open(sys.argv[4], "w", encoding="utf-8") as out:
        for name, values in series.items():
            y = np.array(values)
            began = time.process_time()
            try:
                got = forecast(method, y, h)
            except Exception:  # whatever a peer raises is a series it has no answer for
                got = None
            cpu += time.process_time() - began
            if got is None or not all(math.isfinite(v) for part in got for v in part):
                failed += 1
                continue
            for step, (point, low, high) in enumerate(zip(*got), 1):
                out.write(f"{name},{step},{float(point)!r},{float(low)!r},{float(high)!r}\n")
    print(f"{cpu:.6f} {len(series) - failed} {failed}")


if __name__ == "__main__":
    main()
