"""What teams really push: every file carries its reason, and the service goes on."""

import unicodedata

import pytest

NESTED = "\n".join("[" * 5000 for _ in range(20))
BAD = {
    "README.md": "# Shop\n",
    "good.py": "def good():\n    return 1\n",
    "broken.py": "def fine():\n    return 1\n\n\ndef broken(:\n\n\nclass AlsoFine:\n    pass\n",
    "mixed.py": b"name = '\xed\x95\x9c\xea\xb8\x80'\nother = '\xb0\xa1\xff\xfe\x81'\n",
    "korean.py": "# -*- coding: euc-kr -*-\nname = '한글'\n".encode("euc-kr"),
    "nul.py": b"x = 1\x00\ny = 2\n",
    "nested.py": NESTED,
    "nested.java": NESTED,
    "generated.js": "x" * 250_000,
    "one_line.json": '{"a": "' + "y" * 60_000 + '"}',
    "Case.py": "def upper(): ...\n",
    "case.py": "def lower(): ...\n",
    unicodedata.normalize("NFC", "caf\u00e9.py"): "def composed(): ...\n",
    unicodedata.normalize("NFD", "caf\u00e9.py"): "def decomposed(): ...\n",
    "ring/__init__.py": "from .a import *\nfrom .b import thing\n",
    "ring/a.py": "from .b import *\nfrom . import thing\n",
    "ring/b.py": "from .a import *\nfrom .a import thing\nthing()\n",
    "pyproject.toml": "[project\nname = ",
    "package.json": "{",
    "pom.xml": '<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><a>&c;</a>',
    ".codemuse.toml": "\x01",
}


@pytest.fixture
async def analysed(docgen):
    snapshot = await docgen.snapshot(BAD)
    manifest = await docgen.call("GET", f"/snapshots/{snapshot['id']}/manifest")
    paths = [file["path"] for file in manifest["items"] if file["skip_reason"] is None]
    reply = await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": paths})
    skipped = {file["path"]: file["skip_reason"] for file in manifest["items"]}
    return snapshot["id"], {file["path"]: file for file in reply["files"]}, skipped


async def test_every_file_carries_its_reason(analysed):
    _, files, skipped = analysed

    assert files["broken.py"]["warnings"] == ["syntax_error: line 5"]
    assert (skipped["nul.py"], skipped["generated.js"], skipped["one_line.json"]) == (
        "binary",
        "too_large",
        "generated",
    )
    assert files["mixed.py"]["status"] == "analysed" or files["mixed.py"]["reason"] == "undecodable"
    for path in ("nested.py", "nested.java"):
        assert any("unbalanced" in warning for warning in files[path]["warnings"]), path
    assert all(files[path]["status"] == "analysed" for path in ("good.py", "korean.py", "ring/a.py", "package.json"))


async def test_of_names_that_differ_by_case_or_form_only_the_first_is_kept_and_the_others_told(docgen):
    archive = await docgen.upload(BAD)

    assert list(archive["skipped"].values()) == ["duplicate_name", "duplicate_name"]


async def test_the_rest_of_a_broken_file_is_known(docgen, analysed):
    found = await docgen.call("GET", f"/snapshots/{analysed[0]}/symbols?path=broken.py")

    assert {"fine", "AlsoFine"} <= {item["name"] for item in found["items"]}


async def test_everything_can_still_be_asked(docgen, analysed):
    snapshot, files, _ = analysed
    base = f"/snapshots/{snapshot}"

    graph = await docgen.call("GET", f"{base}/graph?level=symbol&focus=ring/b.py&depth=20")
    problems = await docgen.call("GET", f"{base}/problems?limit=500")
    chunks = await docgen.call("POST", f"{base}/chunks", json={"paths": list(files)})

    assert graph["nodes"]
    assert problems["counts"]["syntax-error"] >= 1
    assert problems["settings_mistake"]
    assert {"good.py", "korean.py"} <= {chunk["path"] for chunk in chunks["chunks"]}
    assert (await docgen.call("GET", f"{base}/packages"))["items"] == []
    assert (await docgen.call("GET", f"{base}/problems.sarif"))["version"] == "2.1.0"
