"""JSON schemas of the forms, in the plain dialect that every endpoint takes: no references, no titles."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel


def schema_of(form: type[BaseModel]) -> str:
    """The JSON schema of a form as JSON text; every field is required and no other is allowed."""
    schema = form.model_json_schema()
    return json.dumps(_plain(schema, schema.get("$defs", {})))


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    """The node with its references written out."""
    if isinstance(node, list):
        return [_plain(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rpartition("/")[2]], definitions)
    plain = {
        key: {name: _plain(field, definitions) for name, field in value.items()}
        if key == "properties"
        else _plain(value, definitions)
        for key, value in node.items()
        if key not in ("$defs", "title", "description")
    }
    if "properties" in plain:
        plain.update(required=list(plain["properties"]), additionalProperties=False)
    return plain
