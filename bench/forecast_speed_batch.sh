#!/usr/bin/env bash
# The fast profile of the forecaster: 1,000,000 hourly series of 672 values from a file to a file of
# forecasts with intervals on two threads, MSTL beside R's, following a series, accuracy on M4 Hourly.
# usage: bench/forecast_speed_batch.sh [--quick]     --quick: 65,536 series
# The files (5 GB) go to $TMPDIR or the build folder; M4 Hourly is looked for in $SERIES, by default
# bench/data/series (m4_hourly_train.csv.gz, m4_hourly_test.csv.gz).
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
series=1000000
[ "${1:-}" = --quick ] && series=65536
ninja -C "$build" bench/bench_forecast_batch bench/bench_forecast_batch_accuracy \
    bench/bench_forecast_stream >/dev/null
folder=$(mktemp -d "${TMPDIR:-$build}/bench-forecast-XXXXXX")
trap 'rm -rf "$folder"' EXIT

echo "== $series series of 672 values, 48 steps, one interval"
"$build/bench/bench_forecast_batch" make "$folder/series" "$series"
"$build/bench/bench_forecast_batch" run "$folder/series" "$folder/forecasts" 2
rm "$folder/series" "$folder/forecasts"

echo "== over length, number of series and width of vectors"
"$build/bench/bench_forecast_batch" scale

echo "== MSTL of 672 values, seasons 24 and 168"
"$build/bench/bench_forecast_batch" mstl "$folder/mstl.csv"
if Rscript -e 'quit(status = !requireNamespace("forecast", quietly = TRUE))' 2>/dev/null; then
    Rscript - "$folder/mstl.csv" 2>/dev/null <<'R'
library(forecast)
rows <- as.matrix(read.csv(commandArgs(TRUE)[1], header = FALSE))
most <- 0
for (i in seq(1, nrow(rows), 3)) {
    got <- mstl(msts(rows[i, ], c(24, 168)))
    most <- max(most, abs(got[, "Seasonal24"] - rows[i + 1, ]), abs(got[, "Seasonal168"] - rows[i + 2, ]))
}
y <- msts(rows[1, ], c(24, 168))
spent <- replicate(7, system.time(for (k in 1:20) mstl(y))[["user.self"]] / 20)
cat(sprintf("R's mstl %.0f us/series; seasons differ by at most %.1e\n", 1e6 * median(spent), most))
R
else
    echo "R with the package forecast is not installed: no comparison"
fi

echo "== following a series"
"$build/bench/bench_forecast_stream" 64
"$build/bench/bench_forecast_stream" 16384

m4=${SERIES:-bench/data/series}
if [ -f "$m4/m4_hourly_train.csv.gz" ]; then
    echo "== accuracy on M4 Hourly"
    "$build/bench/bench_forecast_batch_accuracy" "$m4/m4_hourly_train.csv.gz" "$m4/m4_hourly_test.csv.gz"
    "$build/bench/bench_forecast_stream" "$m4/m4_hourly_train.csv.gz" "$m4/m4_hourly_test.csv.gz"
else
    echo "M4 Hourly is not in $m4: no accuracy"
fi
