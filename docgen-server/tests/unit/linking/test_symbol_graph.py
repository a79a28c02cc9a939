from docgen_server.core.linking.program import Site
from docgen_server.core.linking.symbol_graph import Direction, link_symbols

CHAIN = "def a():\n    b()\ndef b():\n    c()\ndef c(): ...\ndef lonely(): ...\n"


def make_chain(make_program):
    return link_symbols(make_program({"x.py": CHAIN}))


def sites(*ordinals):
    return [Site("x.py", ordinal) for ordinal in ordinals]


def test_a_change_reaches_all_who_depend_on_it_with_their_distance(make_program):
    graph = make_chain(make_program)

    assert graph.reach(sites(2), Direction.DEPENDENTS, 10, 100) == dict(zip(sites(2, 1, 0), (0, 1, 2), strict=True))
    assert list(graph.reach(sites(2), Direction.DEPENDENTS, 1, 100)) == sites(2, 1)
    assert list(graph.reach(sites(1), Direction.DEPENDENCIES, 10, 100)) == sites(1, 2)
    assert set(graph.reach(sites(1), Direction.BOTH, 1, 100)) == set(sites(0, 1, 2))


def test_a_walk_is_bounded(make_program):
    assert len(make_chain(make_program).reach(sites(0), Direction.DEPENDENCIES, 10, 2)) == 2


def test_users_and_uses_are_told_with_their_line(make_program):
    graph = make_chain(make_program)

    assert [(link.source.ordinal, link.line) for link in graph.users(Site("x.py", 1))] == [(0, 2)]
    assert [link.target.ordinal for link in graph.uses(Site("x.py", 1))] == [2]
    assert graph.users(Site("x.py", 3)) == []
