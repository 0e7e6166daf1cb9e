"""What real ledgers can say about the types, which is little: do they meet a flag they were not shown, and do they stay put?

    python benchmarks/types_real.py --ibm IBM_LEDGER --highradius HIGHRADIUS_LEDGER --fines $DUEWISE_DATA/traffic-fines

The ledgers are those that `duewise ingest` made of `ibm-ar` and `highradius-closed`. From a copy of the first the disputes are taken away
before types are told.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from types_books import FEATURES, SETTINGS, portfolio

from ledger.ledger import Ledger
from models.evaluate import auc
from models.types.debtor_type import TypeModel
from models.types.movement import stability
from models.types.training import fit_types
from models.types.training_data import month_ends


def hidden_flag(uri: str, day: date) -> str:
    """AUC of `p_circumstantial`, told without disputes, for customers with more disputes than the median, by a bootstrap over customers."""
    shown = Ledger.open(uri)
    b = portfolio(shown, day)
    disputes = b.snapshot.known("disputes").to_pandas().groupby("customer_id").size()
    invoices = b.snapshot.balances.to_pandas().groupby("customer_id").size()
    share = (disputes / invoices).reindex(invoices.index).fillna(0.0)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "hidden"
        shutil.copytree(uri, copy)
        disputes_file = copy / "disputes.parquet"
        pq.write_table(pq.read_table(disputes_file).slice(0, 0), disputes_file)
        hidden = Ledger.open(str(copy))
        told = TypeModel.untrained(SETTINGS).predict(portfolio(hidden, day)).set_index("customer_id")
    flagged = (share.reindex(told.index) > share.median()).to_numpy(dtype="float64")
    p = told["p_circumstantial"].to_numpy()
    rng = np.random.default_rng(7)
    picks = (rng.integers(0, len(p), len(p)) for _ in range(1000))
    low, high = np.nanquantile([auc(flagged[pick], p[pick]) for pick in picks], [0.025, 0.975])
    return f"AUC {auc(flagged, p):.3f} ({low:.3f} to {high:.3f}), {len(p)} customers on {day}"


def steadiness(uri: str, trained_on: date, first: date, last: date) -> str:
    """Share of customers, determined on two month-ends in a row, with the same type on both; and of those told otherwise without points."""
    ledger = Ledger.open(uri)
    days = portfolio(ledger, *month_ends(first, last, 12))
    without = SETTINGS.model_copy(update={"points_share": 0.0})
    model, other = (fit_types(ledger, trained_on, FEATURES, settings, seed=7, threads=1) for settings in (SETTINGS, without))
    types = model.predict(days)
    kind = "trained" if model.boosters else "rules only"
    determined = (types["debtor_type"] != "undetermined").mean()
    moved = (types["debtor_type"] != other.predict(days)["debtor_type"]).mean()
    same = f"{stability(types):.1%} the same from month to month ({kind})"
    return f"{same}; {determined:.0%} determined; {moved:.1%} told otherwise without points"


def paid_in_sixty_days(folder: Path) -> str:
    """Background only: of the fines that were notified, how many were paid within sixty days of the notice."""
    events = pd.read_csv(next(folder.glob("events*.csv.gz")), usecols=["case", "activity", "date"], parse_dates=["date"])
    notice = events[events["activity"] == "Insert Fine Notification"].groupby("case")["date"].min()
    paid = events[events["activity"] == "Payment"].groupby("case")["date"].min().reindex(notice.index)
    share = (paid - notice).dt.days.between(0, 60).mean()
    return f"{share:.1%} of {len(notice):,} notified fines have a first payment within 60 days of the notice"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ibm")
    parser.add_argument("--highradius")
    parser.add_argument("--fines", type=Path)
    chosen = parser.parse_args()
    if chosen.ibm:
        print("ibm-ar, dispute flag hidden:", hidden_flag(chosen.ibm, date(2013, 11, 30)))
    if chosen.highradius:
        print("highradius:", steadiness(chosen.highradius, date(2019, 9, 30), date(2019, 9, 30), date(2019, 12, 25)))
    if chosen.fines:
        print("traffic-fines:", paid_in_sixty_days(chosen.fines))


if __name__ == "__main__":
    main()
