"""That a benchmark which a promise rests on still runs."""

import pytest

from tests.benchmarks.updates import BOTS, KINDS, measure


@pytest.mark.parametrize("name", BOTS)
async def test_the_cost_of_updates_is_measured(name: str) -> None:
    figures = await measure(name, 8, groups=2, members=4, days=1, rest=0.1)
    assert figures.cpu > 0
    assert figures.peak > 0
    assert set(figures.kinds) == set(KINDS)
