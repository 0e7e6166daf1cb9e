"""Names that nobody bears: drawn from short lists, by kind and country."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

FIRST = ("Ada", "Bela", "Cora", "Dario", "Edda", "Falk", "Gitta", "Hugo", "Ines", "Jona", "Kaya", "Levi", "Mira", "Nils", "Olga", "Pia")
LAST = ("Almgrove", "Birkwell", "Castelan", "Dornfeld", "Eskander", "Farrowby", "Grunholt", "Harlund", "Isenbeck", "Jarnow", "Kestrand")
PLACE = ("Amber", "Blue", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbour", "Iron", "Juniper", "Kestrel", "Lunar", "North")
TRADE = ("Bakery", "Builders", "Catering", "Clinics", "Foods", "Freight", "Glass", "Metals", "Motors", "Paper", "Print", "Textiles")
FORMS = {"DE": "GmbH", "AT": "GmbH", "FR": "SARL", "ES": "SL", "GB": "Ltd", "US": "Inc", "IT": "Srl", "NL": "BV"}


def names_of(rng: np.random.Generator, kind: npt.NDArray[np.int32], countries: list[str]) -> pa.Array:
    """A name for each customer; kinds as in `CUSTOMER_KINDS`.

    >>> names_of(np.random.default_rng(1), np.array([0, 2]), ["DE", "DE"]).to_pylist()
    ['Juniper Bakery 48 GmbH', 'Pia Dornfeld']
    """
    n = kind.size
    form = np.array([FORMS.get(country, "Co") for country in countries], dtype=object)
    number = rng.integers(2, 100, n).astype(str).astype(object)
    firm = _draw(rng, PLACE, n) + " " + _draw(rng, TRADE, n) + " " + number + " " + form
    person = _draw(rng, FIRST, n) + " " + _draw(rng, LAST, n)
    trader = person + " " + _draw(rng, TRADE, n)
    return pa.array(np.select([kind == 0, kind == 1], [firm, trader], person), pa.string())


def _draw(rng: np.random.Generator, words: tuple[str, ...], n: int) -> npt.NDArray[np.object_]:
    return np.array(words, dtype=object)[rng.integers(0, len(words), n)]
