"""Series, scores and goals: what the measurements of forecasts share.

Scores are those of the M4 competition (Makridakis et al. 2020) with a season of 24 steps, or what
the task says: sMAPE, MASE, OWA against Naive2, coverage and MSIS at 95 %."""
import csv
import datetime
import gzip
import math
import os

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("FORECAST_DATA") or os.path.join(HERE, "data", "series")
NAIVE2_SMAPE, NAIVE2_MASE = 18.224, 2.432  # of M4 Hourly, the odd ids
LEVEL = 0.95
OPS = "operations_hourly"
OWN_STEP = (  # at the cadence they came in
    ("nab_aws", 300),
    ("nab_known_cause", 300),
    ("k8s_crane_1min", 60),
    ("cluster_azure2017_5min", 300),
    ("cluster_google2011_job_5min", 300),
    ("net_isp_eu_5min", 300),
    ("web_worldcup98_5min", 300),
)
TRADE = ("trade_us_hourly_spy", "trade_us_hourly_aapl", "trade_us_hourly_bac")


class Task:
    """What is known, and what came."""

    def __init__(self, name, series, times, y, actual, season):
        self.name, self.series, self.times, self.y = name, series, times, y
        self.actual, self.season = actual, season
        pairs = [abs(b - a) for a, b in zip(y, y[season:])]
        self.scale = max(sum(pairs) / len(pairs), 1e-9)

    def naive(self):
        last = self.y[-self.season :]
        return [last[i % self.season] for i in range(len(self.actual))]


class Score:
    """Means over tasks, and each task's MASE."""

    def __init__(self):
        self.mase, self.sums, self.bounded = {}, [0.0] * 3, 0

    def add(self, task, point, lower=None, upper=None):
        h, errors = len(task.actual), [abs(a - f) for a, f in zip(task.actual, point)]
        self.mase[task.name] = sum(errors) / h / task.scale
        pairs = [(e, abs(a) + abs(f)) for e, a, f in zip(errors, task.actual, point)]
        self.sums[0] += sum(200 * e / both if both else 0 for e, both in pairs) / h
        if lower:
            rows = list(zip(task.actual, lower, upper))
            miss = sum(max(lo - a, a - hi, 0) for a, lo, hi in rows)
            width = sum(hi - lo for _, lo, hi in rows)
            self.bounded += 1
            self.sums[1] += sum(lo <= a <= hi for a, lo, hi in rows) / h
            self.sums[2] += (width + 2 / (1 - LEVEL) * miss) / h / task.scale

    @property
    def n(self):
        return len(self.mase)

    @property
    def mean_mase(self):
        return sum(self.mase.values()) / max(self.n, 1)

    @property
    def smape(self):
        return self.sums[0] / max(self.n, 1)

    @property
    def owa(self):
        return (self.smape / NAIVE2_SMAPE + self.mean_mase / NAIVE2_MASE) / 2

    @property
    def coverage(self):
        return self.sums[1] / self.bounded if self.bounded else math.nan

    @property
    def msis(self):
        return self.sums[2] / self.bounded if self.bounded else math.nan


def path_of(name):
    return os.path.join(DATA, name + ".csv.gz")


def read(name):
    """{series: [(time, value)]} in the file's order; {} when there is no such file."""
    out = {}
    if not os.path.exists(path_of(name)):
        return out
    with gzip.open(path_of(name), "rt", encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            v = float(row["value"]) if row["value"] else math.nan
            out.setdefault(row["series"], []).append((row["timestamp"], v))
    return out


def hourly(points):
    """One mean an hour from the first to the last; gaps take the value of a day before."""
    sums, y = {}, []
    for stamp, v in points:
        hour = hour_of(stamp)
        if not math.isnan(v):
            total, n = sums.get(hour, (0.0, 0))
            sums[hour] = (total + v, n + 1)
    first, last = min(sums), max(sums)
    for hour in range(first, last + 1):
        if hour in sums:
            y.append(sums[hour][0] / sums[hour][1])
        else:
            y.append(y[-24] if len(y) >= 24 else y[-1])
    return first, y


def hour_of(stamp):
    return int(datetime.datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()) // 3600


def stamp_of(hour):
    at = datetime.datetime.fromtimestamp(hour * 3600, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def m4_tasks(every=1):
    test, tasks = read("m4_hourly_test"), []
    for name, points in list(read("m4_hourly_train").items())[::every]:
        times, y = [t for t, _ in points], [v for _, v in points]
        tasks.append(Task(name, name, times, y, [v for _, v in test[name]], 24))
    return tasks


def ops_tasks(every=1, days=7, most=1344):
    """24 hours ahead, on each of the last seven days."""
    tasks = []
    for name, points in read(OPS).items():
        first, y = hourly(points)
        for day in range(days, 0, -1):
            end = len(y) - 24 * day
            at = max(end - most, 0)
            if end < 4 * 24:
                continue
            times = [stamp_of(first + i) for i in range(at, end)]
            tasks.append(Task(f"{name}/{day}", name, times, y[at:end], y[end : end + 24], 24))
    return tasks[::every]


def usual_step(points):
    """The distance of most neighbours, in seconds."""
    at = [datetime.datetime.fromisoformat(t[:19]) for t, _ in points[-200:]]
    apart = [int((b - a).total_seconds()) for a, b in zip(at, at[1:])]
    return max(set(apart), key=apart.count)


def own_step_tasks(every=1, origins=4, days=14):
    """The next hour in steps of minutes, from origins six hours apart, by the last two weeks."""
    tasks = []
    for file, step in OWN_STEP:
        for name, points in read(file).items():
            if len(points) < 4 * 86400 // step or usual_step(points) != step:
                continue
            h = 3600 // step
            for k in range(origins, 0, -1):
                end = len(points) - k * 21600 // step
                known = points[max(end - days * 86400 // step, 0) : end]
                came = points[end : end + h]
                if any(math.isnan(v) for _, v in known + came):
                    continue
                times, y = [t for t, _ in known], [v for _, v in known]
                season = 86400 // step
                tasks.append(Task(f"{name}/{k}", name, times, y, [v for _, v in came], season))
    return tasks[::every]


def trade_tasks(every=1, sessions=250, most=4000):
    """The next session, at each open of the last year: seven hours, on half days four."""
    tasks = []
    for file in TRADE:
        for name, points in read(file).items():
            days = {}
            for at, (stamp, _) in enumerate(points):
                days.setdefault(stamp[:10], []).append(at)
            for day in list(days)[-sessions:]:
                end, last = days[day][0], days[day][-1] + 1
                at = max(end - most, 0)
                times = [t for t, _ in points[at:end]]
                y = [v for _, v in points[at:end]]
                actual = [v for _, v in points[end:last]]
                tasks.append(Task(f"{name}/{day}", name, times, y, actual, 7))
    return tasks[::every]


def daily_tasks(horizon=14, origins=24, gap=30):
    tasks = []
    for name, points in read("web_wikipedia_daily").items():
        for k in range(origins, 0, -1):
            end = len(points) - horizon - (k - 1) * gap
            times, y = [t for t, _ in points[:end]], [v for _, v in points[:end]]
            actual = [v for _, v in points[end : end + horizon]]
            tasks.append(Task(f"{name}/{k}", name, times, y, actual, 7))
    return tasks


def write_tasks(tasks, path):
    """One series a task, under the task's name."""
    with open(path, "w", encoding="utf-8") as f:
        f.write("series,timestamp,value\n")
        for t in tasks:
            f.writelines(f"{t.name},{at},{v!r}\n" for at, v in zip(t.times, t.y))


def read_forecasts(text):
    """{series: ([point], [lower], [upper])} of what `loadline forecast -o csv` prints."""
    out = {}
    for row in csv.DictReader(text.splitlines()):
        lists = out.setdefault(row["series"], ([], [], []))
        for values, key in zip(lists, ("predicted_value", "confidence_lower", "confidence_upper")):
            values.append(float(row[key]))
    return out


def sign_test(ours, theirs):
    """Over tasks of both: (ours better, theirs better, two-sided p of as unlike a split)."""
    both = [k for k in ours if k in theirs]
    better = sum(ours[k] < theirs[k] for k in both)
    worse = sum(ours[k] > theirs[k] for k in both)
    n, least = better + worse, min(better, worse)
    if n == 0:
        return 0, 0, 1.0
    tail = sum(math.comb(n, k) for k in range(least + 1)) / 2**n
    return better, worse, min(1.0, 2 * tail)
