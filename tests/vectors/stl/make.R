# Makes the vectors of this folder: Rscript make.R, in this folder.  See README.md.
suppressMessages(library(forecast))

# Exact in doubles: no random generator of any version is involved.
noise <- function(t) ((t * t * 7919 + t * 104729) %% 1000) / 1000 - 0.5
hour <- function(t) 12 * sin(2 * pi * t / 24) + 5 * cos(4 * pi * t / 24)
week <- function(t) c(3, 1, 0, 2, 4, -6, -9)[(t %/% 24) %% 7 + 1]

series <- function(n, kind) {
  t <- seq_len(n) - 1
  level <- 100 + 0.05 * t + 8 * sin(2 * pi * t / 900)
  y <- switch(kind,
    hourly = level + hour(t) * (1 + t / 2000) + 4 * noise(t),
    weekly = level + hour(t) + week(t) + 4 * noise(t),
    daily = level + c(5, 4, 3, 4, 6, -8, -14)[t %% 7 + 1] + 6 * noise(t))
  spikes <- t %% 37 == 17
  if (kind == "daily") y[spikes] <- y[spikes] + 80
  y
}

keep <- function(name, y, parts) {
  write.table(format(data.frame(y, parts), digits = 10, trim = TRUE), paste0(name, ".csv"),
    sep = ",", quote = FALSE, row.names = FALSE)
}

from_stl <- function(name, kind, n, period, ...) {
  y <- series(n, kind)
  p <- stl(ts(y, frequency = period), ...)$time.series
  keep(name, y, data.frame(trend = as.numeric(p[, "trend"]), season1 = as.numeric(p[, "seasonal"])))
}

from_mstl <- function(name, kind, n, periods) {
  y <- series(n, kind)
  p <- mstl(msts(y, seasonal.periods = periods))
  seasons <- sapply(seq_along(periods), function(i) as.numeric(p[, 2 + i]))
  colnames(seasons) <- paste0("season", seq_along(periods))
  keep(name, y, data.frame(trend = as.numeric(p[, "Trend"]), seasons))
}

from_stl("stl-24-11", "hourly", 250, 24, s.window = 11)
from_stl("stl-24-10", "hourly", 100, 24, s.window = 10)
from_stl("stl-7-periodic", "daily", 120, 7, s.window = "periodic")
from_stl("stl-7-11-robust", "daily", 200, 7, s.window = 11, robust = TRUE)
from_stl("stl-7-periodic-robust", "daily", 100, 7, s.window = "periodic", robust = TRUE)
from_stl("stl-2-7", "daily", 40, 2, s.window = 7)
from_mstl("mstl-24", "hourly", 200, 24)
from_mstl("mstl-24-168", "weekly", 700, c(24, 168))
from_mstl("mstl-7-21-90", "daily", 250, c(7, 21, 90))
