"""What the simulator's page has by heart is made anew between its markers, and what was written by hand is left alone."""

from __future__ import annotations

from simulator.page import BEGIN, END, page
from simulator.world import world_names


def test_an_old_table_is_replaced_and_the_words_around_it_stay() -> None:
    places = [BEGIN.format(name=name) + "| old |\n" + END.format(name=name) for name in ("worlds", "keys")]
    made = page("\nby hand\n".join(["before", *places, "after"]))
    assert "| old |" not in made
    assert made.count("by hand") == 3
    assert made.startswith("before\nby hand\n<!-- worlds: begin")
    assert made.endswith("\nby hand\nafter")
    assert all(f"| `{name}` |" in made for name in world_names())
    assert page(made) == made
