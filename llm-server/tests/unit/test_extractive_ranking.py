"""Which source answers best, and what of it is shown: rules that hold for whatever repository is asked about."""

import pytest

from codemuse.contracts.sources import Source
from llm_server.core.extractive.answer import compose
from llm_server.core.extractive.evidence import calls_of
from llm_server.core.extractive.passages import excerpt, sentences, signature, words
from llm_server.core.extractive.prompt import Prompt
from llm_server.core.extractive.ranking import asked_words, by_evidence, is_test


def make_source(number: int = 1, **fields) -> Source:
    lines = fields.get("text", "").count("\n") + 1
    given = {"path": "app/code.py", "language": "python", "text": "", "start_line": 10, "end_line": 10 + lines} | fields
    return Source(number=number, **given)


def ask(question: str, *sources: Source) -> str:
    return compose(Prompt(question, list(sources)))


SEND_FILE = make_source(
    path="lib/response.js",
    language="javascript",
    symbol="res.sendFile",
    text="/**\n * Transfer the file. What is sent and what res.send does with it is told.\n */\nres.sendFile = function () {\n};",
)
SEND = make_source(
    2,
    path="lib/response.js",
    language="javascript",
    symbol="res.send",
    text="/**\n * Send a response.\n *\n * Examples:\n *\n *     res.send({ some: 'json' });\n */\n\nres.send = function send(body) {\n"
    + "\n".join(f"  var part{n} = body[{n}];" for n in range(20))
    + "\n};",
)
ACKNOWLEDGE = make_source(
    2,
    path="worker/request.py",
    symbol="Request.acknowledge",
    text='def acknowledge(self):\n    """Acknowledge it."""\n    self.on_ack()',
)


def test_what_the_question_names_goes_before_what_only_sounds_like_it() -> None:
    assert ask("What does res.send do?", SEND_FILE, SEND).startswith("The closest match is **`res.send`**")


def test_a_file_that_is_named_goes_first() -> None:
    other = make_source(path="lib/application.js", language="javascript", symbol="app.engine", text="app.engine = 1")
    ranked = by_evidence([other, SEND], words("problems"), "What problems are there in lib/response.js?")
    assert ranked[0].symbol == "res.send"


def test_words_that_nearly_all_sources_have_tell_nothing() -> None:
    tasks = [
        make_source(n, path=f"app/task{n}.py", symbol=f"Task{n}", text=f'class Task{n}:\n    """A task of a worker."""')
        for n in (1, 3, 4, 5, 6)
    ]
    question = "How does a worker acknowledge a task?"
    ranked = by_evidence([*tasks[:3], ACKNOWLEDGE, *tasks[3:]], words(question), question)
    assert ranked[0].symbol == "Request.acknowledge"


def test_korean_terms_are_looked_for_in_english_code() -> None:
    question = "패닉을 어떻게 복구하나요?"
    readme = make_source(
        path="README.md", language="markdown", symbol="Start", text="# Start\n\nThis is how one starts."
    )
    recovery = make_source(
        2,
        path="recovery.go",
        language="go",
        symbol="Recovery",
        text="// Recovery returns a middleware that recovers from any panic.\nfunc Recovery() HandlerFunc {\n\treturn nil\n}",
    )
    assert asked_words(question, [readme, recovery]) == words("panic recover")
    answer = ask(question, readme, recovery)
    assert answer.startswith("질문에 가장 가까운 부분은 `recovery.go:10-14`의 **`Recovery`**입니다 [2].")
    assert "recovers from any panic. [2]" in answer


CALLS = make_source(
    symbol="Beat.run",
    text='def run(self):\n    """Runs.\n\n    >>> self.send_task("a")\n    """\n    # then send_task(1)\n    log("send_task(2) failed")\n'
    '    names = {"send_task": 1}\n    return self.send_task("x")  # not send_task(3)',
)


def test_texts_comments_and_documentation_do_not_call() -> None:
    assert [line.text for line in calls_of("send_task", [CALLS])] == ['return self.send_task("x")  # not send_task(3)']


def test_where_nobody_calls_it_what_mentions_it_is_shown() -> None:
    passed = make_source(symbol="setup", text="def setup(app):\n    app.on_start = send_task")
    assert [line.number for line in calls_of("send_task", [passed])] == [11]


def test_callers_in_tests_come_last() -> None:
    test = make_source(path="app/gin_test.go", language="go", text="router.Serve(w)")
    code = make_source(2, path="app/gin.go", language="go", text="engine.Serve(w)")
    assert [line.source.number for line in calls_of("Serve", [test, code])] == [2, 1]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("gin_test.go", True),
        ("t/unit/test_a.py", True),
        ("src/FooTest.java", True),
        ("lib/view.spec.js", True),
        ("src/contest.py", False),
        ("src/latest.go", False),
        ("src/Contest.java", False),
    ],
)
def test_tests_are_known_by_their_paths(path, expected) -> None:
    assert is_test(make_source(path=path)) is expected


def test_an_excerpt_of_a_long_definition_is_its_code() -> None:
    text, first = excerpt(SEND, words("What does res.send do?"), limit=5)
    assert first == 18
    assert text.splitlines()[:2] == ["res.send = function send(body) {", "  var part0 = body[0];"]
    doc = "\n".join(f"    Line {n} of what is told of leases." for n in range(8))
    body = "\n".join(f"    step{n}()" for n in range(10))
    python = make_source(symbol="renew", text=f'def renew(lease):\n    """Renew a lease.\n\n{doc}\n    """\n{body}')
    text, first = excerpt(python, words("leases"), limit=4)
    assert (first, text.splitlines()) == (
        10,
        ["def renew(lease):", "    …", "    step0()", "    step1()", "    step2()"],
    )


def test_what_documentation_says_leads_to_the_code_below_it() -> None:
    lines = [f"setup{n}();" for n in range(20)]
    told = ["// Errors go to the handlers", "// with four arguments, which", "// all come after the others."]
    source = make_source(language="javascript", path="app.js", text="\n".join([*lines, *told, "app.use(last);"]))
    assert "app.use(last);" in excerpt(source, words("which handlers get errors?"), limit=5)[0]


def test_a_guide_that_speaks_of_something_else_is_not_the_answer() -> None:
    form = make_source(
        1,
        path="docs/doc.md",
        language="markdown",
        symbol="Binding > Bind form data to a custom struct",
        text="## Bind form data to a custom struct\n\nThe following uses a struct:\n\n```go\ntype A struct{}\n```",
    )
    code = make_source(
        2,
        path="context.go",
        language="go",
        symbol="BindJSON",
        text="// BindJSON binds JSON to a struct.\nfunc (c *Context) BindJSON(obj any) error {\n\treturn nil\n}",
    )
    assert "BindJSON binds JSON to a struct. [2]" in ask("How do I bind JSON to a struct?", form, code)
    assert "type A struct{}" in ask("How do I bind form data?", form, code)


def test_things_from_one_file_are_compared() -> None:
    form = make_source(1, path="form.go", language="go", text="func (f form) Bind(obj any) error {\n\treturn nil\n}")
    context = make_source(
        2,
        path="context.go",
        language="go",
        text="// Bind answers 400 when it fails.\nfunc (c *Context) Bind(obj any) error {\n}\n\n"
        "// ShouldBind leaves the answer to the caller.\nfunc (c *Context) ShouldBind(obj any) error {\n}",
    )
    answer = ask("What is the difference between Bind and ShouldBind?", form, context)
    assert "Bind answers 400" in answer
    assert "ShouldBind leaves the answer" in answer
    assert "form.go" not in answer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"""**Answer**: Yes, it can be done."""', ["Answer: Yes, it can be done."]),
        ("# FLOW CONTROL **********", []),
        ('"""Calls :meth:`app.url_for() <flask.Flask.url_for>` inside."""', ["Calls `app.url_for()` inside."]),
        ('"""Renders it well.\n\n.. code-block:: python\n\n    render(it)\n    more(it)\n"""', ["Renders it well."]),
    ],
)
def test_only_what_is_said_is_a_sentence(text, said) -> None:
    assert [one.text for one in sentences(make_source(text=text), words("it"))] == said


def test_directives_are_no_sentences() -> None:
    text = "/**\n * Module dependencies.\n */\n\n/* istanbul ignore next */\nvar a = 1"
    assert sentences(make_source(language="javascript", text=text), words("a")) == []


def test_a_long_signature_ends_between_parameters() -> None:
    parameters = ", ".join(f"parameter_{n}: str" for n in range(30))
    line = signature(make_source(symbol="run", text=f"def run({parameters}) -> None:\n    pass"))
    assert line is not None
    assert len(line) <= 205
    assert line.endswith(": str, …")
