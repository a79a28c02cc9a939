import math

import pytest

from codemuse.evaluation import Place, covers, score

RESULTS = [Place(f"src/{name}.py", 1, 20) for name in "abcdefghijkl"]


def test_the_first_place_is_everything_for_one_target():
    assert score(RESULTS, [Place("src/a.py")]).ndcg == 1


def test_lower_places_earn_less():
    found = score(RESULTS, [Place("src/b.py")])
    assert found.ndcg == pytest.approx(1 / math.log2(3))
    assert (found.recall, found.first_rank) == (1, 2)


def test_only_ten_results_count():
    assert score(RESULTS, [Place("src/k.py")]).ndcg == 0


def test_two_targets_share_the_best_places():
    assert score(RESULTS, [Place("src/a.py"), Place("src/b.py")]).ndcg == pytest.approx(1)
    half = score(RESULTS, [Place("src/a.py"), Place("other.py")])
    assert half.ndcg == pytest.approx(1 / (1 + 1 / math.log2(3)))
    assert half.recall == 0.5


def test_targets_in_one_result_earn_once():
    both = [Place("src/a.py", 1, 2), Place("src/a.py", 10, 12)]
    assert score(RESULTS, both).ndcg == pytest.approx(1 / (1 + 1 / math.log2(3)))


@pytest.mark.parametrize(
    ("target", "covered"),
    [
        (Place("src/a.py", 20, 30), True),
        (Place("src/a.py", 21, 30), False),
        (Place("a.py"), True),
        (Place("root/src/a.py"), True),
        (Place("ba.py"), False),
        (Place("src/a.py", 5), True),
    ],
)
def test_lines_must_overlap(target, covered):
    assert covers(RESULTS[0], target) is covered


def test_nothing_wanted_is_nothing_earned():
    assert score(RESULTS, []).ndcg == 0
