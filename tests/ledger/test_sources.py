"""A source file is checked before any data is read, and a wrong key names the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import UsageError
from ledger.sources import load_source, parse_source, ready_sources

INVOICES = "invoice_id: No, customer_id: Cust, issued_on: Date, due_on: Due, amount: Net, currency: {const: EUR}"


def test_every_ready_source_loads_under_its_own_name() -> None:
    assert {load_source(name).name for name in ready_sources()} == {
        "canonical", "ibm-ar", "highradius-closed", "highradius-open", "superlender-previous", "superlender-current", "xente",
    }  # fmt: skip


def test_sources_that_meet_say_so_on_both_sides() -> None:
    friends = {name: load_source(name).shares_customers_with for name in ready_sources()}
    pairs = {(name, friend) for name, theirs in friends.items() for friend in theirs}
    assert pairs
    assert pairs == {(friend, name) for name, friend in pairs}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seperator: x", "unknown key 'seperator'"),
        ("format: {seperator: ';'}", "unknown key 'format.seperator': did you mean 'separator'"),
        ("dates: '%d.%m.%Y (%z)'\ntables: {invoices: {columns: {due_on: Due}}}", "an offset within a stamp needs a `timezone`"),
        ("timezone: {form: UTC, to: UTC}", "unknown key 'timezone.form': did you mean 'from'"),
        ("timezone: {from: UTC, to: Africa/Lagoss}", "unknown time zone 'Africa/Lagoss'"),
        ("tables: {invoice: {columns: {}}}", "unknown table 'invoice': did you mean 'invoices'"),
        ("tables: {invoices: {columns: {due: Due}}}", "unknown column 'invoices.due': "),
        ("tables: {invoices: {columns: {invoice_id: No}}}", "invoices.customer_id is required and not mapped"),
        ("tables: {invoices: {columns: {invoice_id: {colum: No}}}}", "unknown key '.*colum': did you mean 'column'"),
        ("tables: {invoices: {columns: {invoice_id: {column: No, const: 1}}}}", "give exactly one of column, const, sql"),
        ("tables: {invoices: {columns: {due_on: {days_after: issued_on}}}}", "days_before and days_after go with days"),
        ("tables: {invoices: {columns: {due_on: {days_after: amount, days: 9}, amount: Net}}}", "days are counted from a date to a date"),
        ("observed_until: soon\ntables: {}", "observed_until: "),
        ("name: empty", "tables is missing"),
        ("- a list", "a source file is a mapping"),
        ("name: [", "this is not YAML"),
        ("name: a\nname: b", "acme.yaml, line 2: .name. stands there twice, first in line 1"),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_source(text, origin="acme.yaml")


def test_the_name_is_the_file_s_unless_stated(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(f"tables: {{invoices: {{columns: {{{INVOICES}}}}}}}")
    assert load_source(path).name == "acme"


def test_no_is_a_header_and_norway_a_country() -> None:
    source = parse_source(f"tables: {{invoices: {{columns: {{{INVOICES}, business_unit: {{const: NO}}}}}}}}", origin="a")
    assert source.tables["invoices"].columns["invoice_id"].column == "No"
    assert source.tables["invoices"].columns["business_unit"].const == "NO"


def test_a_description_does_not_change_what_a_source_does() -> None:
    base = f"tables: {{invoices: {{columns: {{{INVOICES}}}}}}}"
    plain, described, dated = (parse_source(base + extra, origin="a") for extra in ("", "\ndescription: ours", "\ndates: '%d.%m.%Y'"))
    assert plain.definition == described.definition
    assert plain.definition != dated.definition
