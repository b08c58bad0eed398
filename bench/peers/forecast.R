# One method of R's forecast package over a file of series.
# usage: Rscript forecast.R METHOD HORIZON IN.csv OUT.csv
#   IN: series,value in order of time; OUT: series,step,point,lower,upper at 95 %
# The last line of standard output: seconds of CPU in models, series forecast, series that failed.
suppressPackageStartupMessages(library(forecast))
args <- commandArgs(trailingOnly = TRUE)
h <- as.integer(args[2])
day <- 24
week <- 168

seasonal <- function(y) ts(y, frequency = day)
both <- function(y) if (length(y) >= 2 * week) msts(y, c(day, week)) else seasonal(y)
methods <- list(
  snaive = function(y) snaive(seasonal(y), h = h, level = 95),
  thetaf = function(y) thetaf(seasonal(y), h = h, level = 95),
  stlf = function(y) stlf(seasonal(y), h = h, level = 95),
  "mstl+ets" = function(y) stlf(both(y), h = h, level = 95),
  ets = function(y) forecast(ets(seasonal(y)), h = h, level = 95),
  auto.arima = function(y) forecast(auto.arima(seasonal(y)), h = h, level = 95)
)
fit <- methods[[args[1]]]
d <- read.csv(args[3], colClasses = c("character", "numeric"))
series <- split(d$value, factor(d$series, levels = unique(d$series)))
out <- file(args[4], "w")
cpu <- 0
failed <- 0
for (name in names(series)) {
  began <- proc.time()
  f <- tryCatch(suppressWarnings(fit(series[[name]])), error = function(e) NULL)
  spent <- proc.time() - began
  cpu <- cpu + spent[["user.self"]] + spent[["sys.self"]] + spent[["user.child"]] + spent[["sys.child"]]
  if (is.null(f)) {
    failed <- failed + 1
    next
  }
  values <- cbind(as.numeric(f$mean), as.numeric(f$lower), as.numeric(f$upper))
  if (any(!is.finite(values))) {
    failed <- failed + 1
    next
  }
  cat(sprintf("%s,%d,%.17g,%.17g,%.17g\n", name, seq_len(h), values[, 1], values[, 2], values[, 3]),
      file = out, sep = "")
}
close(out)
cat(sprintf("%.6f %d %d\n", cpu, length(series) - failed, failed))
