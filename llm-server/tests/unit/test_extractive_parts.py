"""What of a passage is asked about: the third method of a class, one section of a guide."""

import pytest

from codemuse.contracts.sources import Source
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.definitions import narrow
from llm_server.core.extractive.intent import called_in, compared_in
from llm_server.core.extractive.passages import excerpt, sentences, signature, words
from llm_server.core.extractive.prompt import Prompt

STORE = Source(
    number=1,
    path="runs/store.py",
    start_line=40,
    end_line=60,
    language="python",
    symbol="RunStore",
    text='class RunStore:\n    """Runs within one transaction."""\n\n    def wake(self) -> None:\n        """Ask for a worker."""\n\n'
    '    @traced\n    async def create(\n        self,\n        new: NewRun,\n    ) -> Run:\n        """Store a run and its steps."""\n'
    "        return await self.add(new)\n\n    async def find(self, run_id: str) -> Run | None:\n        return None",
)
GUIDE = Source(
    number=2,
    path="docs/models.md",
    start_line=100,
    end_line=115,
    language="markdown",
    symbol="Models",
    text="# Models\n\nModels answer questions.\n\n## Privacy\n\nPrompts are not logged.\n\n```sh\n# not a heading\ncurl -X DELETE $URL\n```\n\n"
    "## Adding a provider\n\nWrite a class for the new provider.\n",
)
TABLES = Source(
    number=3,
    path="docs/tasks.rst",
    start_line=1,
    end_line=12,
    language="rst",
    symbol="Tasks",
    text="Tasks\n=====\n\nA task is a unit of work.\n\nChains\n------\n\nA chain runs tasks one after the other.\n\n.. code-block:: python\n\n    chain(a, b)()\n",
)


def ask(question: str, *sources: Source) -> str:
    return compose(Prompt(question, list(sources)))


def test_a_method_that_is_named_is_cut_out_of_its_class() -> None:
    part = narrow(STORE, ["create"], words("create"))
    assert (part.symbol, part.start_line, part.end_line) == ("RunStore.create", 46, 52)
    assert part.text.splitlines()[0].strip() == "@traced"
    assert signature(part) == "async def create(self, new: NewRun) -> Run"


def test_the_answer_describes_what_was_asked_about_and_not_what_stands_first() -> None:
    answer = ask("What does RunStore.create do?", STORE)
    assert "**`RunStore.create`** in `runs/store.py:46-52` [1]. Store a run and its steps. [1]" in answer
    assert "Ask for a worker" not in answer


def test_a_definition_that_clearly_fits_is_found_without_its_name() -> None:
    assert narrow(STORE, [], words("how are the steps of a run stored")).symbol == "RunStore.create"
    assert narrow(STORE, [], words("something else entirely")) == STORE


def test_of_a_guide_the_section_is_shown_that_fits() -> None:
    answer = ask("How do I add a new provider?", GUIDE)
    assert "**`Adding a provider`** in `docs/models.md:113-115`" in answer
    assert "curl" not in answer
    assert "curl -X DELETE" in ask("How to delete prompts for privacy?", GUIDE)


def test_a_section_that_only_shows_is_quoted_by_its_example() -> None:
    shown = GUIDE.model_copy(update={"text": "## Privacy\n\n```sh\ncurl -X DELETE $URL\n```\n", "symbol": "Privacy"})
    assert "curl -X DELETE" in ask("What is privacy?", shown)


def test_headings_are_no_sentences_and_rst_examples_are_shown() -> None:
    assert [sentence.text for sentence in sentences(TABLES, set())] == [
        "A task is a unit of work.",
        "A chain runs tasks one after the other.",
    ]
    assert "```\nchain(a, b)()\n```" in ask("How to run tasks in a chain?", TABLES)


def test_things_that_no_source_explains_are_said_to_be_missing_from_a_comparison() -> None:
    answer = ask("What is the difference between a chain and a chord?", TABLES, STORE)
    assert "A chain runs tasks one after the other." in answer
    assert "No passage found says what `chord` is" in answer


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("What is the difference between a chain and a chord?", ["chain", "chord"]),
        ("Compare FallbackProvider with `RetryingProvider`", ["FallbackProvider", "RetryingProvider"]),
        ("group vs. chord", ["group", "chord"]),
        ("chord와 group의 차이는 무엇인가요?", ["chord", "group"]),
        ("What differs here?", []),
    ],
)
def test_both_sides_of_a_comparison_are_read_from_the_question(question: str, terms: list[str]) -> None:
    assert compared_in(question) == terms


@pytest.mark.parametrize(
    ("question", "name"),
    [("Who calls excerpt?", "excerpt"), ("excerpt 함수는 누가 호출하나요?", "excerpt"), ("누가 호출하나요?", "")],
)
def test_what_is_called_is_read_from_the_question(question: str, name: str) -> None:
    assert called_in(question) == name


def test_an_excerpt_passes_imports_over() -> None:
    text = "\n".join([f"from charge import card_{n}" for n in range(20)] + ["limit = 3"] * 10 + ["charge(card)"] * 3)
    source = STORE.model_copy(update={"text": text})
    assert "charge(card)" in excerpt(source, words("charge a card"), limit=6)[0]
