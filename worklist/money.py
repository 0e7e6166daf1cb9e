"""The smallest unit of each currency, and money rounded and written to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def decimals_of(currency: str | None) -> int:
    """Decimals of a currency's unit (ISO 4217); two where the currency is unknown.

    >>> decimals_of("EUR"), decimals_of("JPY"), decimals_of("KWD"), decimals_of(None)
    (2, 0, 3, 2)
    """
    if currency in NO_DECIMALS:
        return 0
    return 3 if currency in THREE_DECIMALS else 2


def round_to_unit(amount: pd.Series, currency: pd.Series) -> pd.Series:
    """Amounts (float64) rounded half away from zero to the unit of each row's currency.

    >>> round_to_unit(pd.Series([2.125, 1234.5, -0.001]), pd.Series(["EUR", "JPY", "EUR"])).tolist()
    [2.13, 1235.0, 0.0]
    """
    unit = currency.map({code: 10.0 ** decimals_of(code) for code in currency.dropna().unique()}).astype("float64").fillna(100.0)
    return pd.Series(_rounded(amount.to_numpy(dtype="float64"), unit.to_numpy()), index=amount.index, name=amount.name)


def _rounded(amount: Any, unit: Any) -> Any:
    scaled = amount * unit
    # A hair more than half: 1.005 lies below itself as a float, and would round down.
    return np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 + 1e-7) / unit + 0.0


def money_text(amount: float, currency: str | None) -> str:
    """An amount as people read it.

    >>> money_text(1234.5, "EUR"), money_text(1234, "JPY"), money_text(-3, None)
    ('1,234.50 EUR', '1,234 JPY', '-3.00')
    """
    number = f"{amount:,.{decimals_of(currency)}f}"
    return f"{number} {currency}" if isinstance(currency, str) else number


def whole_text(amount: float, currency: str | None) -> str:
    """A total as people read it: in whole units.

    >>> whole_text(1234.56, "EUR")
    '1,235 EUR'
    """
    return f"{amount:,.0f} {currency}" if currency else f"{amount:,.0f}"


def other_texts(amounts: str | None, column: str = "exposure") -> list[str]:
    """What is open in other currencies (or overdue), from the JSON of `other_amounts`; nothing where it is zero.

    >>> other_texts('{"USD": {"exposure": 30.0, "overdue_amount": 0.0}, "JPY": {"exposure": 1200.0, "overdue_amount": 0.0}}')
    ['+ 1,200 JPY', '+ 30.00 USD']
    >>> other_texts('{"USD": {"exposure": 30.0, "overdue_amount": 0.0}}', "overdue_amount"), other_texts(None)
    ([], [])
    """
    given = json.loads(amounts) if isinstance(amounts, str) and amounts else {}
    return [f"+ {money_text(amount[column], code)}" for code, amount in sorted(given.items()) if amount[column]]


def elsewhere(amounts: pd.Series, column: str) -> pd.Series:
    """Whether something in other currencies is overdue (`overdue_amount`), or not in dispute (`undisputed_amount`), from `other_amounts`.

    >>> amounts = pd.Series(['{"USD": {"overdue_amount": 30.0, "undisputed_amount": 0.0}}', None])
    >>> elsewhere(amounts, "overdue_amount").tolist(), elsewhere(amounts, "undisputed_amount").tolist()
    ([True, False], [False, False])
    """
    given = [json.loads(one) if isinstance(one, str) and one else {} for one in amounts]
    return pd.Series([any(of.get(column, 0.0) > 0 for of in one.values()) for one in given], index=amounts.index, dtype="bool")


def round_others(amounts: str | None) -> str | None:
    """The JSON of `other_amounts` with every amount rounded to its currency's unit.

    >>> round_others('{"JPY": {"exposure": 0.4, "overdue_amount": 1234.5}, "USD": {"exposure": 17.5789}}')
    '{"JPY": {"exposure": 0.0, "overdue_amount": 1235.0}, "USD": {"exposure": 17.58}}'
    >>> round_others(None) is None
    True
    """
    if not isinstance(amounts, str):
        return None
    given = {code: (of, 10.0 ** decimals_of(code)) for code, of in json.loads(amounts).items()}
    return json.dumps({code: {name: _rounded(amount, unit) for name, amount in of.items()} for code, (of, unit) in given.items()})


def plain_texts(amounts: Iterable[float], currencies: Iterable[str | None]) -> list[str]:
    """Amounts as a CSV holds them: point, no separators, the currency's decimals; empty where missing.

    >>> plain_texts([1234.5, float("nan")], ["KWD", "EUR"])
    ['1234.500', '']
    """
    return ["" if amount != amount else f"{amount:.{decimals_of(code)}f}" for amount, code in zip(amounts, currencies, strict=True)]
