from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.net import connect_to


def test_the_first_match_wins_and_empty_parts_match_or_keep() -> None:
    mappings = connect_to.parse(
        ["mx.example:25:127.0.0.1:2525", ":443:127.0.0.1:8443", "a.example::[::1]:", ":80::8080"]
    )
    assert connect_to.target(mappings, "MX.example.", 25) == ("127.0.0.1", 2525)
    assert connect_to.target(mappings, "mx.example", 443) == ("127.0.0.1", 8443)
    assert connect_to.target(mappings, "a.example", 81) == ("::1", 81)
    assert connect_to.target(mappings, "b.example", 80) == ("b.example", 8080)
    assert connect_to.target(mappings, "b.example", 25) == ("b.example", 25)
    assert connect_to.target(connect_to.parse(["[::1]:80:b.example:"]), "::1", 80) == ("b.example", 80)


@pytest.mark.parametrize("entry", ["", "a:b", "a:1:b", "a:x:b:1", "a:1:b:70000", "a:0:b:1", "::1:80:b:1", "a:1:b:1:c"])
def test_bad_entries_explain_the_format(entry: str) -> None:
    with pytest.raises(InvalidInput, match="HOST1:PORT1:HOST2:PORT2") as caught:
        connect_to.parse([entry])
    assert caught.value.field == "connect_to"


@given(st.text())
def test_any_text_parses_or_is_invalid_input(entry: str) -> None:
    with suppress(InvalidInput):
        connect_to.parse([entry])
