"""Evaluations: how well search answers questions about a repository, measured and remembered."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request
from codemuse.contracts.pairs import PairKind
from codemuse.contracts.rag import Signal
from codemuse.contracts.runs import RunError, RunRead, RunStatus
from codemuse.contracts.versions import VersionName

MOST_QUESTIONS = 500

Question = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class AnnotatedLines(Request):
    """Lines that answer a question."""

    path: RepositoryPath
    start_line: int | None = Field(default=None, ge=1)
    end_line: int | None = Field(default=None, ge=1)

    @field_validator("end_line")
    @classmethod
    def refuse_backward_lines(cls, end_line: int | None, known: ValidationInfo) -> int | None:
        """Lines that end before they begin answer nothing."""
        start_line = known.data.get("start_line")
        if end_line is not None and start_line is not None and end_line < start_line:
            raise ValueError(f"It may not be before start_line ({start_line})")
        return end_line


class AnnotatedQuestion(Request):
    """A question with the files, or lines of them, that answer it; what else a set says of it is left aside."""

    model_config = ConfigDict(extra="ignore")

    query: Question
    relevant: list[RepositoryPath | AnnotatedLines] = Field(min_length=1, max_length=50)
    secondary: list[RepositoryPath | AnnotatedLines] = Field(default_factory=list, max_length=50)
    category: str = Field(default="", max_length=50)


class EvaluationCreate(Request):
    """Body of ``POST /api/v1/evaluations``."""

    repository_id: Identifier
    name: str = Field(default="", max_length=200)
    questions: list[AnnotatedQuestion] | None = Field(default=None, min_length=1, max_length=MOST_QUESTIONS)
    """An annotation set; without it, questions are made from the repository itself."""
    sources: list[PairKind] = Field(default_factory=lambda: list(PairKind), min_length=1, max_length=len(PairKind))
    """What questions are made from."""
    sample: int = Field(default=100, ge=1, le=MOST_QUESTIONS)
    """How many questions to make, shared among the sources."""
    seed: str = Field(default="", max_length=100)
    """Draws the sample: the same questions each time, as long as the code is the same."""
    as_of: VersionName | None = None
    """Evaluate this version instead of the published one."""
    signals: bool = False
    """Also measure what each retriever and rule is worth: one more pass over the questions for each."""


class MeasureRead(Reply):
    """How good one way of searching is."""

    ndcg: float
    """At ten results."""
    recall: float
    """Share of what answers a question among ten results."""
    recall_at_1: float | None = None
    recall_at_5: float | None = None
    mrr: float | None = None
    """Mean of one divided by the rank of the first result that answers."""
    p50_ms: float
    p95_ms: float
    question_count: int | None = None


class FoundRead(Reply):
    """A result of a question."""

    path: str
    start_line: int
    end_line: int
    is_target: bool


class AnswerRead(Reply):
    """How well one question was answered."""

    query: str
    category: str
    ndcg: float
    rank: int | None = None
    """Of the best result that answers it, among the first ten."""
    targets: list[str]
    found: list[FoundRead] = Field(default_factory=list)
    """The results, best first."""


class EvaluationSummary(Reply):
    """An evaluation in the history of a repository."""

    id: str
    repository_id: str
    run_id: str | None = None
    name: str
    status: RunStatus
    generation: int
    commit: str
    kinds: list[PairKind] = Field(default_factory=list)
    """What questions were made from; nothing for an annotation set."""
    weights: dict[Signal, float] = Field(default_factory=dict)
    """What signals weighed, where not as they come."""
    question_count: int = 0
    unanswerable_count: int = 0
    """Questions that were left out, because nothing that answers them is indexed."""
    measure: MeasureRead | None = None
    without_transformer: MeasureRead | None = None
    proposed: MeasureRead | None = None
    """With the weights of the change to the search settings that this evaluation was made for."""
    categories: dict[str, float] = Field(default_factory=dict)
    """NDCG@10 of each category."""
    by_category: dict[str, MeasureRead] = Field(default_factory=dict)
    """All figures of each category."""
    missing: dict[PairKind, str] = Field(default_factory=dict)
    """Kinds that no questions could be made of, and why: ``no_history``, ``none_found`` or ``too_large``."""
    is_cut: bool = False
    """Whether the questions' own words were cut out of what was searched, in an index of its own for this evaluation."""
    signals: dict[Signal, float] = Field(default_factory=dict)
    """How NDCG@10 changes when one retriever or rule is switched off."""
    error: RunError | None = None
    created_at: datetime


class EvaluationRead(EvaluationSummary):
    """An evaluation with its questions, the worst answered first."""

    answers: list[AnswerRead] = Field(default_factory=list)


class EvaluationPage(Reply):
    """Reply of ``GET /api/v1/evaluations?repository_id=&cursor=&limit=``, the newest first."""

    items: list[EvaluationSummary]
    next_cursor: str | None = None


class EvaluationAccepted(Reply):
    """202: the evaluation is stored and a run will do it."""

    evaluation: EvaluationSummary
    run: RunRead


class AnswerChange(Reply):
    """A question that two evaluations answered differently."""

    query: str
    before: float
    after: float


class EvaluationComparison(Reply):
    """Reply of ``GET /api/v1/evaluations/{id}/compare?before=``: the questions that both asked."""

    before: EvaluationSummary
    after: EvaluationSummary
    shared_questions: int
    ndcg_change: float
    """Over the shared questions."""
    better: list[AnswerChange]
    worse: list[AnswerChange]
