"""What a caller may ask for (contract 2.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, StrictStr, ValidationError

from orbweave.errors import InvalidInput
from orbweave.verify import lists, syntax

MAX_EMAILS = 100
_NO_DOMAINS = (".local", ".localdomain", ".lan", ".internal", ".home", ".invalid")
_HELLO_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|\[[A-Za-z0-9:.]{2,64}\]")


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """``from_email`` "" is the null sender, ``hello_name`` "" this host's name. Raises InvalidInput."""

    smtp_timeout_secs: float = 10.0
    from_email: str = ""
    hello_name: str = ""
    check_gravatar: bool = False
    check_dnsbl: bool = False
    smtp_port: int = 25

    def __post_init__(self) -> None:
        if self.from_email:
            try:
                sender = syntax.parse(self.from_email)
            except syntax.BadAddress as fault:
                raise InvalidInput(
                    f"from_email {self.from_email!r} is no address: {fault}", field="from_email"
                ) from None
            _refuse_borrowed("from_email", self.from_email, sender.domain, "an address of a domain of your own")
        if self.hello_name:
            name = self.hello_name.lower().rstrip(".")
            if not _HELLO_NAME.fullmatch(self.hello_name) or not _is_whole(name):
                raise InvalidInput(
                    f"hello_name {self.hello_name!r} is no name that others can look up; write this machine's, like "
                    "mail.example.com.",
                    field="hello_name",
                )
            _refuse_borrowed("hello_name", self.hello_name, name, "the name of this machine, like mail.example.com")

    @classmethod
    def from_payload(
        cls, payload: Mapping[str, Any], defaults: VerifyOptions | None = None
    ) -> tuple[list[str], VerifyOptions]:
        """The addresses and options of a job's payload; what it leaves out is taken from ``defaults`` (the operator's
        sender, name and port). Unknown fields are ignored. Raises InvalidInput naming the field."""
        try:
            given = _Payload.model_validate(dict(payload))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise InvalidInput(f"{field}: {first['msg']}.", field=field) from None
        if (given.email is None) == (given.emails is None):
            raise InvalidInput(
                f"Give exactly one of email (one address) and emails (a list of 1 to {MAX_EMAILS}).", field="email"
            )
        options = {
            name: value
            for name in ("smtp_timeout_secs", "from_email", "hello_name", "check_gravatar", "check_dnsbl")
            if (value := getattr(given, name)) is not None
        }
        emails = [given.email] if given.email is not None else given.emails or []
        return emails, replace(defaults or cls(), **options)


def _is_whole(name: str) -> bool:
    """A name with a domain, or an address literal."""
    return name.startswith("[") or ("." in name and not name.endswith(_NO_DOMAINS) and not name[-1].isdigit())


def _refuse_borrowed(field: str, given: str, domain: str, instead: str) -> None:
    labels = domain.split(".")
    if any(lists.is_free(".".join(labels[i:])) for i in range(len(labels))):
        raise InvalidInput(
            f"{field} {given!r} is a mail provider's, whose servers know that you are not it; give {instead}.",
            field=field,
        )


Email = Annotated[StrictStr, Field(max_length=1024)]


class _Payload(BaseModel):
    email: Email | None = None
    emails: Annotated[list[Email], Field(min_length=1, max_length=MAX_EMAILS)] | None = None
    smtp_timeout_secs: Annotated[float, Field(ge=10, le=120)] | None = None
    from_email: StrictStr | None = None
    hello_name: StrictStr | None = None
    check_gravatar: StrictBool | None = None
    check_dnsbl: StrictBool | None = None
