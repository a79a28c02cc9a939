"""``codemuse eval``: how well search answers questions about a repository, and whether that became worse."""

import json as reading
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape
from rich.table import Table

from codemuse.cli.account import load_account
from codemuse.cli.commands import find_ids, list_repositories, run_command
from codemuse.cli.exits import CommandError, Exit
from codemuse.cli.gateway import Gateway
from codemuse.cli.invalid import describe_place
from codemuse.cli.output import Output
from codemuse.cli.waiting import wait_for_run
from codemuse.contracts.evaluations import (
    AnnotatedQuestion,
    EvaluationAccepted,
    EvaluationComparison,
    EvaluationCreate,
    EvaluationPage,
    EvaluationRead,
    MeasureRead,
)
from codemuse.contracts.pairs import PairKind
from codemuse.contracts.runs import RunStatus

app = typer.Typer(help="Measure how well search answers questions about a repository.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Name = Annotated[str, typer.Argument(help="Name of the repository.")]
LONGEST_SECONDS = 3600.0
_SHOWN = 10
_MISSING = {
    "no_history": "no questions: an archive has no history",
    "none_found": "no questions: nothing suitable was found",
    "too_large": "no questions: the repository is too large to be indexed once more without their words",
}


@app.command()
def run(
    repository: Name,
    questions: Annotated[
        Path | None, typer.Option(help="An annotation set (JSON); without it, questions are made from the repository.")
    ] = None,
    sample: Annotated[int, typer.Option(min=1, max=500, help="How many questions to make.")] = 100,
    name: Annotated[str, typer.Option(help="What to call this evaluation in the history.")] = "",
    signals: Annotated[
        bool, typer.Option("--signals", help="Also measure what each retriever and rule is worth.")
    ] = False,
    at_least: Annotated[float | None, typer.Option(help="Fail when NDCG@10 is lower.")] = None,
    not_below_last: Annotated[
        float | None, typer.Option(help="Fail when NDCG@10 is lower by more than this than the last time.")
    ] = None,
    json: Json = False,
) -> None:
    """Ask the questions, score what search finds, and keep the result."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        repository_id = _id_of(gateway, repository)
        last = _last_good(gateway, repository_id)
        body = EvaluationCreate(
            repository_id=repository_id,
            name=name,
            questions=read_annotations(questions) if questions else None,
            sample=sample,
            signals=signals,
        )
        measure = _evaluate(gateway, output, body)
        if at_least is not None and measure.ndcg < at_least:
            raise CommandError(f"NDCG@10 is below {at_least}.", Exit.FAILED, error="score_too_low")
        if not_below_last is not None and last and last.measure and measure.ndcg < last.measure.ndcg - not_below_last:
            message = f"NDCG@10 was {last.measure.ndcg:.3f} the last time."
            raise CommandError(message, Exit.FAILED, error="score_lower_than_before")


@app.command()
def from_repository(
    repository: Name,
    kind: Annotated[
        list[PairKind] | None,
        typer.Option(help="What to make questions from, several times for several; all four by default."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=500, help="How many questions to make.")] = 100,
    seed: Annotated[str, typer.Option(help="Draws the questions: the same seed, the same questions.")] = "",
    version: Annotated[
        str | None, typer.Option(help="Evaluate this version: label, ref, generation or commit.")
    ] = None,
    name: Annotated[str, typer.Option(help="What to call this evaluation in the history.")] = "",
    signals: Annotated[
        bool, typer.Option("--signals", help="Also measure what each retriever and rule is worth.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask questions made from the repository itself: doc comments, tests, commit messages, names."""
    names = {"as_of": "--version", "sources": "--kind", "sample": "--count"}
    with run_command(json, **names) as output, Gateway(load_account()) as gateway:
        body = EvaluationCreate(
            repository_id=_id_of(gateway, repository),
            name=name,
            sources=kind or list(PairKind),
            sample=count,
            seed=seed,
            as_of=version,
            signals=signals,
        )
        _evaluate(gateway, output, body)


@app.command()
def history(repository: Name, json: Json = False) -> None:
    """Evaluations of a repository, the newest first."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        page = _list(gateway, _id_of(gateway, repository))
        if output.data(page):
            return
        table = Table(
            "when", "commit", "questions", "NDCG@10", "recall", "p95 ms", "id", "name", box=None, pad_edge=False
        )
        for item in page.items:
            measured = item.measure
            figures = (
                [f"{measured.ndcg:.3f}", f"{measured.recall:.3f}", f"{measured.p95_ms:.1f}"]
                if measured
                else [item.status, "", ""]
            )
            when = f"{item.created_at:%Y-%m-%d %H:%M}"
            table.add_row(when, item.commit[:12], str(item.question_count), *figures, item.id, escape(item.name))
        output.table(table)


@app.command()
def compare(
    after: Annotated[str, typer.Argument(help="Id of an evaluation.")],
    before: Annotated[str, typer.Argument(help="Id of an earlier one.")],
    json: Json = False,
) -> None:
    """Which questions are answered better and worse than before."""
    with run_command(json) as output, Gateway(load_account()) as gateway:
        path = f"/api/v1/evaluations/{after}/compare"
        compared = gateway.call("GET", path, EvaluationComparison, params={"before": before})
        if output.data(compared):
            return
        output.console.print(
            f"NDCG@10 {compared.ndcg_change:+.3f} over {compared.shared_questions} questions", highlight=False
        )
        for title, changes in (("better", compared.better), ("worse", compared.worse)):
            for change in changes[:_SHOWN]:
                line = f"  {title}: {change.before:.2f} -> {change.after:.2f}  {change.query}"
                output.console.print(line, highlight=False, markup=False)


def read_annotations(path: Path) -> list[AnnotatedQuestion]:
    """An annotation set: a list of questions, or an object that holds one under ``questions``.

    Raises:
        CommandError: The file cannot be read as one.
    """
    try:
        content: Any = reading.loads(path.read_bytes())
        questions = content["questions"] if isinstance(content, dict) else content
        return TypeAdapter(list[AnnotatedQuestion]).validate_python(questions)
    except OSError as error:
        reason = f"cannot be read: {error.strerror}."
    except KeyError:
        reason = "is not an annotation set: it holds no 'questions'; see docs/retrieval.md."
    except ValidationError as error:
        reason = f"is not an annotation set: {describe_place(error, 'questions')}"
    except ValueError as error:
        reason = f"is not JSON: {error}."
    raise CommandError(f"{path} {reason}", Exit.USAGE)


def show(output: Output, done: EvaluationRead) -> None:
    """The figures of an evaluation and the questions that were answered worst."""
    console = output.console
    if done.measure is None:
        console.print(done.error.message if done.error else str(done.status), highlight=False, markup=False)
        return
    measures = (("all retrievers", done.measure), ("without the transformer", done.without_transformer))
    for title, measure in measures:
        if measure:
            console.print(f"{title:24} {_figures(measure)}", highlight=False)
    for category, measure in done.by_category.items():
        title = f"{category} ({measure.question_count})"
        console.print(f"  {title:22} {_figures(measure)}", highlight=False, markup=False)
    for kind, reason in done.missing.items():
        console.print(f"  {kind.value:22} {_MISSING.get(reason, reason)}", highlight=False, markup=False)
    for signal, change in done.signals.items():
        console.print(f"  without {signal.value:14} {change:+.3f}", highlight=False)
    missed = [answer for answer in done.answers if answer.rank is None][:_SHOWN]
    for answer in missed:
        console.print(f"  not found: {answer.query}  ({', '.join(answer.targets)})", highlight=False, markup=False)
    console.print(f"{done.question_count} questions; {done.id}", highlight=False)


def _evaluate(gateway: Gateway, output: Output, body: EvaluationCreate) -> MeasureRead:
    """Begin an evaluation, wait for it and show it; its figures.

    Raises:
        CommandError: It has none.
    """
    accepted = gateway.call("POST", "/api/v1/evaluations", EvaluationAccepted, body=body)
    wait_for_run(gateway, accepted.run.id, output, timeout_seconds=LONGEST_SECONDS, until_refined=True)
    done = gateway.call("GET", f"/api/v1/evaluations/{accepted.evaluation.id}", EvaluationRead)
    if not output.data(done):
        show(output, done)
    if done.measure is None:
        raise CommandError("The evaluation has no result.", Exit.FAILED, error="evaluation_failed")
    return done.measure


def _figures(measure: MeasureRead) -> str:
    reciprocal = "" if measure.mrr is None else f"  MRR {measure.mrr:.3f}"
    recalls = [measure.recall_at_1, measure.recall_at_5, measure.recall]
    recall = "/".join(f"{value:.2f}" for value in recalls if value is not None)
    times = f"p50 {measure.p50_ms:.1f} ms  p95 {measure.p95_ms:.1f} ms"
    return f"NDCG@10 {measure.ndcg:.3f}{reciprocal}  recall@1/5/10 {recall}  {times}"


def _id_of(gateway: Gateway, name: str) -> str:
    ids = find_ids({item.id: item.name for item in list_repositories(gateway).items}, [name])
    return (ids or [""])[0]


def _list(gateway: Gateway, repository_id: str) -> EvaluationPage:
    return gateway.call(
        "GET", "/api/v1/evaluations", EvaluationPage, params={"repository_id": repository_id, "limit": 50}
    )


def _last_good(gateway: Gateway, repository_id: str) -> EvaluationRead | None:
    good = next((item for item in _list(gateway, repository_id).items if item.status is RunStatus.SUCCEEDED), None)
    return EvaluationRead.model_validate(good.model_dump()) if good else None
