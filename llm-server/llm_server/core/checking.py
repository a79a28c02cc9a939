"""Is a request one that any model could answer? What cannot be right is refused before anybody is asked."""

import re
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from codemuse.contracts.llm import ChatRequest
from codemuse.errors import InvalidRequest
from llm_server.core.calls import Json
from llm_server.core.dialects.shapes import ChatShape

_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_\-.]{1,128}")
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")


def read_json(raw: bytes) -> Json:
    """The object in a body.

    Raises:
        InvalidRequest: There is none.
    """
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not JSON: {error}.", code="invalid_json") from None
    if not isinstance(fields, dict):
        raise InvalidRequest("The body must be a JSON object.", code="invalid_json")
    return fields


def check_shape(shape: type[BaseModel], fields: Json) -> None:
    """See that fields have a shape.

    Raises:
        InvalidRequest: They have not; ``param`` names the field.
    """
    try:
        shape.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidRequest(f"{where}: {first['msg']}", code="invalid_value", param=where) from None


def check_chat(fields: Json) -> Json:
    """The fields, if they are a chat request.

    Raises:
        InvalidRequest: They are not; ``param`` names the field.
    """
    check_shape(ChatRequest, fields)
    check_shape(ChatShape, fields)
    _check_tools(fields.get("tools"))
    for index, message in enumerate(fields["messages"]):
        if isinstance(message.get("content"), list):
            _check_parts(message["content"], f"messages.{index}.content")
    return fields


def _check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list):
        raise InvalidRequest("tools: must be a list.", code="invalid_value", param="tools")
    for index, tool in enumerate(tools):
        where = f"tools.{index}"
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        if not isinstance(function, dict) or not _FUNCTION_NAME.fullmatch(str(function.get("name", ""))):
            raise InvalidRequest(f"{where}: must be a function with a name.", code="invalid_tool", param=where)
        schema = function.get("parameters")
        if schema is not None and (not isinstance(schema, dict) or schema.get("type", "object") != "object"):
            message = f"{where}.function.parameters: must be a JSON Schema of type 'object'."
            raise InvalidRequest(message, code="invalid_tool", param=where)


def _check_parts(parts: list[Any], where: str) -> None:
    for index, part in enumerate(parts):
        if not isinstance(part, dict):
            raise InvalidRequest(f"{where}.{index}: must be an object.", code="invalid_value", param=where)
        if part.get("type") != "image_url":
            continue
        image = part.get("image_url")
        url = str(image.get("url", "")) if isinstance(image, dict) else ""
        if not _IMAGE.fullmatch(url):
            message = f"{where}.{index}: images are taken as data URLs (data:image/png;base64,...), never fetched."
            raise InvalidRequest(message, code="invalid_image", param=where)
