"""Step ``plan``: what is asked, of which repositories, and what to search for."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from codemuse.database import Sessions
from codemuse.errors import Conflict
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter
from orchestrator.db.models import Message
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.db.search_settings import weights_of

HISTORY_MESSAGES = 24
"""What does not fit the model is summarised by llm-server."""
_LONGEST_TURN = 4000
_FOLLOW_UP_WORDS = 6
"""A question this short, in a conversation, usually leans on the one before."""
_CODE_SPAN = re.compile(r"`([^`\n]{2,120})`")
_IDENTIFIER = re.compile(
    r"\b(?:[A-Za-z_]\w*(?:(?:\.|::)\w+)+|[a-z]+(?:_[a-z0-9]+)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+)\b"
)
_PATH = re.compile(r"\b[\w\-./]+\.[A-Za-z]{1,5}\b")
_TERM = r"(?:an? |the )?([A-Za-z_][A-Za-z0-9_.-]+)"
_COMPARED = re.compile(
    rf"\bbetween {_TERM}(?: \w+)?,? and {_TERM}|\bcompare {_TERM} (?:and|with|to) {_TERM}|{_TERM} (?:vs\.?|versus) {_TERM}",
    re.IGNORECASE,
)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]+")
_MAXIMUM_NAMES = 4


class PlanStep:
    """Decides before anything is searched, so that a repeated step searches for the same."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Fix the scope at the published generations and derive the queries.

        Raises:
            Conflict: There is nothing to search yet.
        """
        question = str(run.input["question"])
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, run.organisation_id)
            repositories = await lookup.list_indexed(run.input["repository_ids"])
            weights = await weights_of(session, run.organisation_id)
            history = (
                await session.scalars(
                    select(Message)
                    .where(Message.session_id == run.session_id, Message.run_id != run.id, Message.content != "")
                    .order_by(Message.position.desc())
                    .limit(HISTORY_MESSAGES)
                )
            ).all()
        if not repositories:
            raise Conflict(
                "There is no indexed repository to answer from; add one, or wait until its index is published.",
                code="nothing_indexed",
            )
        scope = [
            {
                "repository_id": repository.id,
                "name": repository.name,
                "generation": repository.generation,
                "commit": repository.commit,
                "snapshot_id": repository.snapshot_id,
            }
            for repository in repositories
        ]
        turns = [{"role": message.role, "content": message.content[:_LONGEST_TURN]} for message in reversed(history)]
        asked = [turn["content"] for turn in turns if turn["role"] == "user"]
        queries = make_queries(question, asked, [repository.name for repository in repositories])
        result = {"scope": scope, "history": turns, "queries": queries, "weights": weights}
        return Finished(result, {"repositories": len(scope), "queries": queries})


def make_queries(question: str, earlier: Sequence[str], repositories: Sequence[str] = ()) -> list[str]:
    """What to search for: the question (with the one before, if it leans on it), then each thing that it names.

    These are names of code and paths, the two sides of a comparison, and in a Korean question what it leaves in Latin letters:
    those are the words that code is written in. The name of a repository is none of them: in it, everything is about that.
    """
    main = question
    if earlier and len(question.split()) <= _FOLLOW_UP_WORDS:
        main = f"{earlier[-1]}\n{question}"
    names = [name.strip() for pattern in (_CODE_SPAN, _IDENTIFIER, _PATH) for name in pattern.findall(question)]
    names += [side for found in _COMPARED.findall(question) for side in found if side]
    if _HANGUL.search(question):
        names += _LATIN.findall(question)
    useless = {"", question.strip().casefold(), *(name.rsplit("/", 1)[-1].casefold() for name in repositories)}
    distinct = list(dict.fromkeys(name for name in names if name.casefold() not in useless))
    return [main[:4000], *distinct[:_MAXIMUM_NAMES]]
