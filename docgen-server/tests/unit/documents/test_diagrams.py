import pytest

from docgen_server.core.documents.diagrams import MOST_NODES, Edge, bases_of, draw_classes, draw_flow, find_fault


@pytest.mark.parametrize(
    "name",
    ['a"]; click n0 href "javascript:x"', "a[b]{c}", "<script>", "end", "graph LR", "100%", "한글/모듈.py", "a\nb"],
)
def test_no_name_can_break_a_diagram(name):
    assert find_fault(draw_flow([Edge(name, "b")])) is None
    assert find_fault(draw_classes({"Child": [name]})) is None


def test_a_diagram_is_bounded_and_keeps_what_it_is_about():
    edges = [Edge(f"m{number}", f"m{number + 1}", weight=number) for number in range(200)] + [Edge("here", "m0")]

    source = draw_flow(edges, focus="here")

    assert source.count("[") <= MOST_NODES
    assert "here" in source
    assert find_fault(source) is None


def test_layers_leave_out_what_a_longer_way_tells_and_break_circles_at_the_thinnest():
    edges = [Edge("app", "core", 3), Edge("core", "base", 3), Edge("app", "base", 9), Edge("base", "app", 1)]

    source = draw_flow(edges, layered=True)

    assert source.count("-->") == 2


def test_nothing_is_drawn_where_nothing_is_connected():
    assert draw_flow([Edge("a", "a")]) == draw_classes({"A": []}) == ""


@pytest.mark.parametrize(
    ("signature", "bases"),
    [
        ("class Cart(Base, metaclass=Meta, Generic[T])", ["Base", "Generic"]),
        ("class Cart(object)", []),
        ("public class Cart<T> extends Base<T> implements Shop, Closeable", ["Base", "Shop", "Closeable"]),
        ("class Cart extends React.Component", ["React.Component"]),
        ("class Cart < ActiveRecord::Base", ["ActiveRecord::Base"]),
        ("class Cart : Base(), Shop", ["Base", "Shop"]),
        ("class Cart : public Base, private Other", ["Base", "Other"]),
        ("type Cart struct", []),
        ("def buy(cart: Cart)", []),
    ],
)
def test_bases_are_read_from_the_first_line_of_a_class(signature, bases):
    assert bases_of(signature) == bases


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "empty"),
        ("sequenceDiagram\n  a->>b: hi", "neither"),
        ("graph LR\n  a --> b\n  click a href 'x'", "not valid at 'click"),
        ("graph LR\n  a -->", "not valid"),
        ("graph LR\n%%{init: {}}%%", "not valid"),
        ("graph LR\n  subgraph one\n  a --> b", "not closed"),
        ("graph LR\n" + "  a --> b\n" * 200, "more than"),
    ],
)
def test_what_would_not_render_is_found(source, complaint):
    assert complaint in (find_fault(source) or "")


def test_the_usual_forms_are_valid():
    assert (
        find_fault('graph TB\n  subgraph one ["One"]\n  a["x/y.py"] --> b["z"]\n  end\n  a -.-> b\n  %% note') is None
    )
    assert find_fault('classDiagram\n  class c0["A"]\n  class c1["B"]\n  c0 <|-- c1') is None
