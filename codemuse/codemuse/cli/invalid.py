"""What is wrong with an argument or a file, in a sentence of ours instead of pydantic's report."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError


def describe_argument(error: ValidationError, arguments: Mapping[str, str]) -> str:
    """Which argument of a command is wrong, and what is allowed.

    Args:
        error: Of the request that the command makes.
        arguments: Names of arguments by field, where an argument is not the option of the field's name.
    """
    problem = _deepest(error)
    field = str(problem["loc"][0])
    argument = arguments.get(field, f"--{field.replace('_', '-')}")
    return f"Invalid value for '{argument}': {_reason(problem)}"


def describe_place(error: ValidationError, root: str) -> str:
    """Where in a file something is wrong, and why: ``questions[2].relevant[0].end_line: ...``."""
    problem = _deepest(error)
    # The members of a union stand in the place too: 'constrained-str', 'AnnotatedLines'.
    steps = [step for step in problem["loc"] if isinstance(step, int) or (step.islower() and "-" not in step)]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return f"{root}{place}: {_reason(problem)}"


def _deepest(error: ValidationError) -> Mapping[str, Any]:
    """The problem that is furthest inside: of a union, that of the member that was meant."""
    return max(error.errors(include_url=False), key=lambda problem: len(problem["loc"]))


def _reason(problem: Mapping[str, Any]) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    for internal in (" after validation", " or instance of"):
        text = text.partition(internal)[0]
    return f"{text.rstrip('.')}."
