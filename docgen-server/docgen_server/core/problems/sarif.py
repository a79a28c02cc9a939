"""Problems as SARIF 2.1.0, which code hosts and editors read (OASIS standard, 2020)."""

import hashlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.problems.catalogue import CATALOGUE, Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def to_sarif(problems: Iterable[ProblemRead], *, commit: str, version: str) -> dict[str, Any]:
    """One run with the rules that objected, and a result for each problem.

    Args:
        problems: What was found.
        commit: Where it was found.
        version: Of this service.
    """
    results = [_result(problem) for problem in problems]
    used = {result["ruleId"]: None for result in results}
    driver = {
        "name": "CodeMuse",
        "semanticVersion": version,
        "rules": [_rule(CATALOGUE[rule]) for rule in used if rule in CATALOGUE],
    }
    run = {
        "tool": {"driver": driver},
        "results": results,
        "columnKind": "unicodeCodePoints",
        "versionControlProvenance": [{"repositoryUri": "urn:codemuse", "revisionId": commit}],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": rule.advice},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(problem: ProblemRead) -> dict[str, Any]:
    region = {"startLine": problem.start_line, "endLine": max(problem.end_line, problem.start_line)}
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(problem.path), "uriBaseId": "%SRCROOT%"},
            "region": region,
        }
    }
    if problem.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.symbol}]
    # The place within the file may move with every commit; what is found, and in what, stays.
    identity = f"{problem.rule}\0{problem.path}\0{problem.symbol or ''}\0{problem.message}"
    return {
        "ruleId": problem.rule,
        "level": _LEVELS.get(problem.severity, "note"),
        "message": {"text": problem.message},
        "locations": [location],
        "partialFingerprints": {"codemuse/v1": hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()},
    }
