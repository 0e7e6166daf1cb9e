"""A contest is fair: everyone answers every row, and what was not shown is called a tie."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.contest import Contest


def contest(n_customers: int) -> Contest:
    """200 rows; `ours` knows the chance, `theirs` nothing."""
    rng = np.random.default_rng(1)
    chance = rng.random(200)
    rows = pd.DataFrame({"customer_id": np.arange(200) % n_customers, "fate": np.arange(200), "fold": 0})
    rows["outcome_p_late"] = (rng.random(200) < chance).astype("float64")
    made = Contest(rows, {"p_late": {}})
    made.say("ours", pd.DataFrame({"p_late": chance}))
    made.say("theirs", pd.DataFrame({"p_late": np.full(200, 0.5)}))
    return made


def test_one_customer_shows_nothing_and_many_do() -> None:
    one, many = ("\n".join(contest(n).table("p_late", "ours")) for n in (1, 50))
    assert one.count("(too few customers for an interval) tie") == 2
    assert "tie" not in many


def test_who_leaves_out_rows_is_named() -> None:
    made = contest(50)
    made.said["theirs"].loc[[3, 4], "p_late"] = np.nan
    with pytest.raises(ValueError, match=r"p_late: not all of the 200 rows were answered, missing: \{'theirs': 2\}"):
        made.table("p_late", "ours")
