"""Weights of somebody's own."""

import pytest

from codemuse.contracts.rag import Signal
from rag_server.features.search.weights import DEFAULT, list_weights


def test_without_changes_the_weights_are_as_they_come() -> None:
    assert DEFAULT.changed({}).without([]) is DEFAULT


def test_a_value_replaces_the_one_that_comes() -> None:
    changed = DEFAULT.changed({Signal.FILE_NAME: 2.0, Signal.TESTS: 0.9})
    assert (changed.file_name, changed.tests, changed.folder) == (2.0, 0.9, DEFAULT.folder)


def test_a_name_alone_keeps_its_proportion() -> None:
    changed = DEFAULT.changed({Signal.SYMBOL: DEFAULT.symbol * 2})
    assert changed.symbol_alone == pytest.approx(DEFAULT.symbol_alone * 2)


def test_values_out_of_bounds_are_brought_back() -> None:
    changed = DEFAULT.changed({Signal.TESTS: 7.0, Signal.KEYWORD: -1.0})
    assert (changed.tests, changed.keyword) == (1.0, 0.0)


def test_every_signal_has_a_weight() -> None:
    listed = {one.signal: one for one in list_weights()}
    assert listed.keys() == set(Signal)
    assert listed[Signal.SPREAD].is_factor
    assert not listed[Signal.KEYWORD].is_factor
