import pytest

from codemuse.errors import InvalidInput, NotFound
from orchestrator.db.models import Repository
from orchestrator.features.search.names import named_in_query

KNOWN = [Repository(id="1", name="api"), Repository(id="2", name="My Shop"), Repository(id="3", name="web")]


@pytest.mark.parametrize(
    ("query", "rest", "ids"),
    [
        ("retry", "retry", ["1", "2", "3"]),
        ("retry repo:API", "retry", ["1"]),
        ('repo:"my shop" "a b" repo:web lang:go', '"a b" lang:go', ["2", "3"]),
        ("retry -repo:web", "retry", ["1", "2"]),
        ("retry repo:web -repo:web", "retry", []),
    ],
)
def test_names_become_the_scope(query, rest, ids):
    found, repositories = named_in_query(query, KNOWN)
    assert (found, [repository.id for repository in repositories]) == (rest, ids)


@pytest.mark.parametrize("query", ["retry repo:nope", "retry -repo:nope", "repo:api repo:nope x"])
def test_an_unknown_name_is_said(query):
    with pytest.raises(NotFound, match="'nope'"):
        named_in_query(query, KNOWN)


def test_a_name_alone_asks_nothing():
    with pytest.raises(InvalidInput):
        named_in_query("repo:api", KNOWN)
