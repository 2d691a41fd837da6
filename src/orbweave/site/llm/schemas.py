"""JSON schemas of strangers (2020-12), and answers held against them: bounded in time, and nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

MAX_SCHEMA = 20_000
_MAX_PROBLEMS = 5
# A schema that refers to itself, or doubles at every step, ends here.
_MAX_REFERENCES = 2_000
# They need expressions of a stranger to be run, or lead out of the bounds kept here.
_REFUSED = ("patternProperties", "$dynamicRef", "$schema", "$id")


class UnusableSchema(ValueError):
    """``str(error)`` says why, as the end of a sentence."""


def checked(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` as it can be used. Raises UnusableSchema."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    schema = {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
    try:
        if len(orjson.dumps(schema)) > MAX_SCHEMA:
            raise UnusableSchema(f"it is longer than {MAX_SCHEMA:,} characters.")
        if name := _refused(schema):
            raise UnusableSchema(f"{name} is not supported in it.")
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise UnusableSchema(f"{_where(error.absolute_path)}{error.message[:200]}.") from None
    except (TypeError, RecursionError):
        raise UnusableSchema("it is not JSON, or nested too deeply.") from None
    # References that lead nowhere, or in circles, show only when they are followed.
    problems({}, schema)
    return schema


def problems(answer: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with ``answer``, [] when it is as ``schema`` says. ``pattern`` and ``format`` are not looked at.
    Raises UnusableSchema."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    followed = 0
    follow = Draft202012Validator.VALIDATORS["$ref"]

    def counted(validator: Any, reference: Any, instance: Any, of: Any) -> Iterator[Any]:
        nonlocal followed
        followed += 1
        if followed > _MAX_REFERENCES:
            raise RecursionError
        yield from follow(validator, reference, instance, of)

    def unchecked(*_: Any) -> Iterator[Any]:
        return iter(())

    validator = extend(Draft202012Validator, {"$ref": counted, "pattern": unchecked})(schema, registry=Registry())
    try:
        found = list(islice(validator.iter_errors(answer), _MAX_PROBLEMS))
    except Unresolvable as error:
        raise UnusableSchema(f"{str(error)[:200]}; only references within it can be followed.") from None
    except RecursionError:
        raise UnusableSchema("its references lead in circles, or to too many others.") from None
    return [f"{_where(error.absolute_path)}{error.message[:300]}" for error in found]


def _where(path: Any) -> str:
    place = ".".join(map(str, path))
    return f"{place}: " if place else ""


def _refused(schema: Any) -> str | None:
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if name := next((name for name in _REFUSED if name in one), None):
                return name
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return None
