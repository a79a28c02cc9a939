"""Prompt templates: versions, variables, and trying one beside another."""

from collections import Counter

from codemuse.contracts.providers import caller_headers

ANN = caller_headers(organisation="acme", user="ann", role="admin")
BOB = caller_headers(organisation="acme", user="bob", role="member")
EVE = caller_headers(organisation="evil", user="eve", role="admin")
URL = "/api/v1/prompt-templates"


async def create(stage, user: str, **more) -> dict:
    reply = await stage.http.post(URL, json={"name": "review", "user": user, **more}, headers=ANN)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def render(stage, headers=BOB, **body) -> dict:
    return (await stage.http.post(f"{URL}/review/render", json=body, headers=headers)).json()


async def test_versions_never_change_and_the_newest_is_taken(stage) -> None:
    await create(stage, "Review {{code}}.", system="You review {{ language }}.")
    second = await create(stage, "Review {{code}} well.")
    assert (second["version"], second["variables"], second["created_by"]) == (2, ["code"], "ann")
    newest = await render(stage, variables={"code": "x = {{code}}"})
    assert newest["messages"] == [{"role": "user", "content": "Review x = {{code}} well."}]
    first = await render(stage, version=1, variables={"code": "x", "language": "Python"})
    assert [message["content"] for message in first["messages"]] == ["You review Python.", "Review x."]
    listed = (await stage.http.get(URL, params={"name": "review"}, headers=BOB)).json()["items"]
    assert [(item["version"], item["share"]) for item in listed] == [(2, 1.0), (1, 0.0)]


async def test_two_versions_are_tried_side_by_side_and_a_subject_keeps_its_own(stage) -> None:
    await create(stage, "one", share=3.0)
    await create(stage, "two", share=1.0, replace=False)
    chosen = Counter([(await render(stage, subject=f"run-{number}"))["version"] for number in range(120)])
    assert 60 <= chosen[1] <= 110
    assert len({(await render(stage, subject="run-1"))["version"] for _ in range(5)}) == 1


async def test_what_is_missing_or_too_much_is_named(stage) -> None:
    await create(stage, "Review {{code}}.")
    assert "needs code" in (await render(stage))["message"]
    assert "no variable cod" in (await render(stage, variables={"code": "x", "cod": "y"}))["message"]
    assert (await render(stage, version=7))["error"] == "prompt_not_found"


async def test_prompts_for_questions_have_the_variables_that_questions_have(stage) -> None:
    for name, user, status in (
        ("ask", "{{sources}} {{question}}", 201),
        ("ask-short", "{{question}}", 422),
        ("ask", "{{question}} {{sources}} {{mood}}", 422),
        ("asking", "{{question}}", 201),
    ):
        body = {"name": name, "user": user}
        assert (await stage.http.post(URL, json=body, headers=ANN)).status_code == status, (name, user)


async def test_templates_belong_to_their_organisation_and_its_administrators(stage) -> None:
    await create(stage, "ours")
    assert (await render(stage, headers=EVE))["error"] == "prompt_not_found"
    assert (await stage.http.post(URL, json={"name": "x", "user": "y"}, headers=BOB)).status_code == 403
