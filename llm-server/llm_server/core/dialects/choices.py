"""Which tool a caller wants called, as far as other dialects can say it."""

from llm_server.core.calls import Json
from llm_server.core.errors import CapabilityMissing


def function_named(choice: Json) -> str:
    """The function that a choice of OpenAI's names.

    Raises:
        CapabilityMissing: It is another kind of choice.
    """
    if not choice.get("function"):
        raise CapabilityMissing(
            "Of the choices of tools, only a function by its name is known here.", param="tool_choice"
        )
    name: str = choice["function"]["name"]
    return name
