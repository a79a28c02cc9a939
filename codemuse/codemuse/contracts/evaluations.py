"""Evaluations: how well search answers questions about a repository, measured and remembered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request
from codemuse.contracts.rag import Signal
from codemuse.contracts.runs import RunError, RunRead, RunStatus

MOST_QUESTIONS = 500

Question = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class AnnotatedLines(Request):
    """Lines that answer a question."""

    path: RepositoryPath
    start_line: int | None = Field(default=None, ge=1)
    end_line: int | None = Field(default=None, ge=1)


class AnnotatedQuestion(Request):
    """A question with the files, or lines of them, that answer it."""

    query: Question
    relevant: list[RepositoryPath | AnnotatedLines] = Field(min_length=1, max_length=50)
    secondary: list[RepositoryPath | AnnotatedLines] = Field(default_factory=list, max_length=50)
    category: str = Field(default="", max_length=50)


class QuestionSource(StrEnum):
    """What questions can be made from."""

    SYMBOLS = "symbols"
    """The name of a definition; its lines answer it."""
    DOCS = "docs"
    """The first sentence of a doc comment; the definition under it answers it."""


class EvaluationCreate(Request):
    """Body of ``POST /api/v1/evaluations``."""

    repository_id: Identifier
    name: str = Field(default="", max_length=200)
    questions: list[AnnotatedQuestion] | None = Field(default=None, min_length=1, max_length=MOST_QUESTIONS)
    """An annotation set; without it, questions are made from the repository itself."""
    sources: list[QuestionSource] = Field(default_factory=lambda: list(QuestionSource), min_length=1, max_length=2)
    sample: int = Field(default=100, ge=1, le=MOST_QUESTIONS)
    """How many questions to make; the same ones each time as long as the code is the same."""
    signals: bool = False
    """Also measure what each retriever and rule is worth: one more pass over the questions for each."""


class MeasureRead(Reply):
    """How good one way of searching is."""

    ndcg: float
    """At ten results."""
    recall: float
    p50_ms: float
    p95_ms: float


class AnswerRead(Reply):
    """How well one question was answered."""

    query: str
    category: str
    ndcg: float
    rank: int | None = None
    """Of the best result that answers it, among the first ten."""
    targets: list[str]


class EvaluationSummary(Reply):
    """An evaluation in the history of a repository."""

    id: str
    repository_id: str
    run_id: str | None = None
    name: str
    status: RunStatus
    generation: int
    commit: str
    question_count: int = 0
    unanswerable_count: int = 0
    """Questions that were left out, because nothing that answers them is indexed."""
    measure: MeasureRead | None = None
    without_transformer: MeasureRead | None = None
    categories: dict[str, float] = Field(default_factory=dict)
    """NDCG@10 of each category."""
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
