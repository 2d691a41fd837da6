"""What replies mean by their words: wordings.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orbweave.verify.classify import Meaning, meaning
from orbweave.verify.facts import Reply, Stage

WORDINGS = yaml.safe_load((Path(__file__).parent / "wordings.yaml").read_text("utf-8"))
ABOUT_THE_MAILBOX = (Meaning.NOT_FOUND, Meaning.DISABLED, Meaning.FULL)


def read(said: str) -> Meaning:
    code, _, text = said.partition(" ")
    return meaning(Reply(Stage.RCPT, int(code), text), "bob@a.test")


@pytest.mark.parametrize(("expected", "said"), [(key, said) for key, texts in WORDINGS.items() for said in texts])
def test_wording(expected: str, said: str) -> None:
    if expected == "not_the_mailbox":
        assert read(said) not in ABOUT_THE_MAILBOX
    else:
        assert read(said) is Meaning(expected)


@pytest.mark.parametrize("address", ["bob@a.test", "eve.full@quota-exceeded.test", "unknown@spamhaus-user.test"])
def test_the_asked_address_does_not_change_what_is_read(address: str) -> None:
    for said in WORDINGS["not_found"]:
        code, _, text = said.replace("bob@a.test", address).partition(" ")
        assert meaning(Reply(Stage.RCPT, int(code), text), address) is Meaning.NOT_FOUND
