import pytest

from embedding_server.core.probe import (
    PrecisionResult,
    WorkersResult,
    choose,
    choose_workers,
    machine_key,
    probe,
    probe_workers,
    remembered_or_probed,
)


def result(precision, rate, cosine):
    return PrecisionResult(precision=precision, texts_per_second=rate, cosine=cosine)


def side_by_side(precision):
    return [WorkersResult(workers=1, texts_per_second=1), WorkersResult(workers=2, texts_per_second=2)]


def test_fewer_threads_are_chosen_only_where_they_are_clearly_faster():
    def chosen(*rates):
        return choose_workers(
            [WorkersResult(workers=n, texts_per_second=rate) for n, rate in zip((1, 4, 8), rates, strict=True)]
        )

    assert chosen(100, 300, 500) == 8
    assert chosen(100, 500, 480) == 8
    assert chosen(100, 500, 400) == 4


def test_threads_are_tried_from_one_to_all_cores(make_backend):
    results = probe_workers(make_backend(batch_tokens=10_000), 4)
    assert [result.workers for result in results] == [1, 2, 4]
    assert all(result.texts_per_second > 0 for result in results)
    assert [result.workers for result in probe_workers(make_backend(batch_tokens=10_000), 1)] == [1]


def test_the_fastest_faithful_precision_is_chosen():
    assert choose([result("fp32", 40, 1), result("bf16", 140, 0.998)]) == "bf16"


def test_a_fast_precision_that_changes_the_vectors_is_not_chosen():
    assert choose([result("fp32", 40, 1), result("bf16", 140, 0.99)]) == "fp32"


def test_the_probe_compares_with_the_first_precision(make_backend):
    results = probe(lambda _: make_backend(batch_tokens=10_000), ("fp32", "bf16"))
    assert [(r.precision, r.cosine) for r in results] == [("fp32", 1.0), ("bf16", 1.0)]
    assert all(r.texts_per_second > 0 for r in results)


def test_a_report_is_kept_until_the_machine_changes(tmp_path):
    file = tmp_path / "models" / "probe.json"
    first = remembered_or_probed(file, "machine", lambda: [result("fp32", 1, 1)], side_by_side)
    assert remembered_or_probed(file, "machine", lambda: pytest.fail("measured again"), side_by_side) == first
    again = remembered_or_probed(file, "other", lambda: [result("bf16", 1, 1)], side_by_side)
    assert (again.chosen, again.workers) == ("bf16", 2)


def test_a_damaged_report_is_measured_again(tmp_path):
    file = tmp_path / "probe.json"
    file.write_text("{")
    assert remembered_or_probed(file, "machine", lambda: [result("fp32", 1, 1)], side_by_side).chosen == "fp32"


def test_the_key_depends_on_versions():
    assert machine_key("torch 1") != machine_key("torch 2")


def test_a_precision_that_this_build_cannot_compute_is_left_out(make_backend):
    def backends(precision):
        if precision == "bf16-fused":
            raise RuntimeError("no oneDNN here")
        return make_backend(batch_tokens=10_000)

    results = probe(backends, ("fp32", "bf16", "bf16-fused"))
    assert [r.precision for r in results] == ["fp32", "bf16"]


def test_a_failing_reference_is_no_matter_to_pass_over():
    def backends(_):
        raise RuntimeError("damaged weights")

    with pytest.raises(RuntimeError, match="damaged"):
        probe(backends, ("fp32", "bf16"))
