"""ARIMA and Prophet on past receipts, run in the environment of `make bench`.

Reads `WORK/past_receipts.parquet` (`as_of`: the day of the forecast; `open_on, week, currency, actual`: what came in that week ahead from
invoices open on an earlier Monday), writes `WORK/said_receipts.parquet` with a column each. One series a currency and week ahead; the order
of ARIMA is chosen by AIC among ORDERS, Prophet runs with its defaults; both are floored at 0.

    .venv-bench/bin/python benchmarks/cash_peers.py WORK
"""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

ORDERS = ((0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1), (2, 0, 0), (0, 1, 1), (1, 1, 0), (1, 1, 1))
logging.disable(logging.WARNING)


def arima(series: pd.Series, day: pd.Timestamp) -> float:
    """The value at `day` by the order with the least AIC."""
    from statsmodels.tsa.arima.model import ARIMA

    warnings.simplefilter("ignore")  # statsmodels sets its own filters when it is imported
    steps = (day - series.index[-1]).days // 7
    scale = series.mean() or 1.0
    fits = [ARIMA((series / scale).to_numpy(), order=order, trend="c" if order[1] == 0 else "n").fit() for order in ORDERS]
    return float(min(fits, key=lambda fit: fit.aic).forecast(steps)[-1] * scale)


def prophet(series: pd.Series, day: pd.Timestamp) -> float:
    """The value at `day` by Prophet's defaults."""
    from prophet import Prophet

    model = Prophet().fit(pd.DataFrame({"ds": series.index, "y": series.to_numpy()}))
    return float(model.predict(pd.DataFrame({"ds": [day]}))["yhat"].iloc[0])


def main() -> None:
    work = Path(sys.argv[1])
    past = pd.read_parquet(work / "past_receipts.parquet")
    told = []
    for (day, currency, week), part in past.groupby(["as_of", "currency", "week"]):
        series = part.set_index("open_on")["actual"].sort_index()
        values = {name: max(said(series, day), 0.0) for name, said in (("ARIMA", arima), ("Prophet", prophet))}
        told.append({"as_of": day, "currency": currency, "week": week, **values})
    said = pd.DataFrame(told)
    assert np.isfinite(said[["ARIMA", "Prophet"]].to_numpy()).all()
    said.to_parquet(work / "said_receipts.parquet")


if __name__ == "__main__":
    main()
