from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph


def make_graph(*pairs, deferred=()):
    files = {path: LinkedFile(path, "python", 10) for pair in pairs for path in pair}
    links = [
        Link(source, target, number, is_external=False, is_deferred=(source, target) in deferred)
        for number, (source, target) in enumerate(pairs, 1)
    ]
    return LinkGraph(files, [*links, Link("a", "kombu", 9, is_external=True, is_deferred=False)])


def test_neighbours_are_known_in_both_directions():
    graph = make_graph(("a", "b"), ("a", "c"), ("d", "b"))

    assert graph.internal_imports("a") == ["b", "c"]
    assert graph.external_imports("a") == ["kombu"]
    assert graph.importers("b") == ["a", "d"]
    assert graph.line_of("a", "c") == 2


def test_a_cycle_is_told_as_its_shortest_round_trip():
    assert make_graph(("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("c", "d")).cycles == [["a", "b"]]


def test_an_import_that_waits_makes_no_cycle():
    assert make_graph(("a", "b"), ("b", "a"), deferred={("b", "a")}).cycles == []
