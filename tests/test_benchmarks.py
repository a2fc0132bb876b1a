"""That a benchmark which a promise rests on still runs."""

import pytest

from tests.benchmarks import interactions, updates


@pytest.mark.parametrize("name", updates.BOTS)
async def test_the_cost_of_updates_is_measured(name: str) -> None:
    figures = await updates.measure(name, 8, groups=2, members=4, days=1, rest=0.1)
    assert figures.cpu > 0
    assert figures.peak > 0
    assert set(figures.kinds) == set(updates.KINDS)


async def test_the_cost_of_interactions_is_measured() -> None:
    measured = await interactions.measure(6, 2, members=3, rest=0.1, blocks=2)
    assert set(measured) == {"ours", "bare"}
    for figures in measured.values():
        assert figures.start > 0
        assert figures.cpu > 0
        assert figures.peak > 0
        assert set(figures.kinds) == set(interactions.KINDS)
