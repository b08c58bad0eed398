"""Made-up hosts with node_exporter's metrics, as OpenMetrics for promtool."""
import math
import sys


def hosts(n, start, end, every=60, cpus=2, origin=None):
    """Lines of OpenMetrics: 6 * cpus + 6 series a host.  origin: where counters began, when that
    is not the start."""
    began = start if origin is None else origin

    def each(metric, labels, value):
        for h in range(n):
            for extra in labels:
                for t in range(start, end, every):
                    text = "".join(f',{k}="{v}"' for k, v in extra.items())
                    yield (f'{metric}{{job="node",instance="host{h}:9100"{text}}} '
                           f'{value(h, t, extra)} {t}\n')

    def head(metric, kind):
        name = metric[:-6] if kind == "counter" else metric
        return f"# TYPE {name} {kind}\n"

    modes = {"user": 0.25, "system": 0.1, "idle": 0.6, "iowait": 0.03, "nice": 0.01, "irq": 0.01}

    def busy(h, t, extra):
        # the integral of share * (1 + sin / 2): rates differ by host and time of day
        w = 2 * math.pi / 86400
        grown = (t - began) - math.cos(w * t + h) / (2 * w)
        return f"{modes[extra['mode']] * (grown + 86400) * (1 + h % 5 / 10):.3f}"

    yield head("node_cpu_seconds_total", "counter")
    yield from each("node_cpu_seconds_total",
                    [{"cpu": str(c), "mode": m} for c in range(cpus) for m in modes], busy)
    yield head("node_memory_MemTotal_bytes", "gauge")
    yield from each("node_memory_MemTotal_bytes", [{}], lambda h, t, e: (8 + h) * 2 ** 30)
    yield head("node_memory_MemAvailable_bytes", "gauge")
    yield from each("node_memory_MemAvailable_bytes", [{}], lambda h, t, e:
                    int((3 + math.sin(t / 7000 + h) + t // every % 3 / 4) * 2 ** 30))
    yield head("node_uname_info", "gauge")
    yield from each("node_uname_info", [{}], lambda h, t, e: 1)
    fs = [{"device": "/dev/sda1", "fstype": "ext4", "mountpoint": "/"}]
    for i, metric in enumerate(("size", "free", "avail")):
        yield head(f"node_filesystem_{metric}_bytes", "gauge")
        yield from each(f"node_filesystem_{metric}_bytes", fs, lambda h, t, e, i=i:
                        10 ** 11 - i * 10 ** 10 - (t - began if i else 0) * 1000)
    yield "# EOF\n"


if __name__ == "__main__":
    count, first, last, step, cores = (int(a) for a in sys.argv[1:])
    sys.stdout.writelines(hosts(count, first, last, step, cores))
