// A sparkline, 0 to 100 %.  Where there is no data there is no line.
const WIDTH = 150;
const HEIGHT = 26;

type Run = [x: number, y: number][];

function runs(values: (number | null)[]): Run[] {
  const out: Run[] = [];
  let open = false;
  values.forEach((value, i) => {
    if (value != null) {
      const x = (i / Math.max(1, values.length - 1)) * WIDTH;
      const y = HEIGHT - 1.5 - (Math.min(100, Math.max(0, value)) / 100) * (HEIGHT - 3);
      if (!open) out.push([]);
      out[out.length - 1]!.push([x, y]);
    }
    open = value != null;
  });
  return out;
}

const path = (run: Run) => run.map(([x, y], i) => `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

export function Spark({ values }: { values: (number | null)[] }) {
  const lines = runs(values).map((run): Run =>
    run.length > 1 ? run : [run[0]!, [run[0]![0] + 0.1, run[0]![1]]],
  );
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {lines.map((run, i) => {
        const line = path(run);
        const floor = `L${run[run.length - 1]![0].toFixed(1)} ${HEIGHT}L${run[0]![0].toFixed(1)} ${HEIGHT}Z`;
        return (
          <g key={i}>
            <path class="area" d={line + floor} />
            <path class="line" d={line} vector-effect="non-scaling-stroke" />
          </g>
        );
      })}
    </svg>
  );
}
