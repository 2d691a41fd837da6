from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from orbweave.errors import InvalidInput
from orbweave.maps import Place, SearchRequest, Source, Understanding, search, source
from orbweave.maps import sources as module


class OneShop:
    """A complete source."""

    name = "one-shop"
    attribution = "Somebody"

    def countries(self) -> frozenset[str]:
        return frozenset({"LI"})

    async def places(
        self, country: str, understanding: Understanding, *, location_id: int | None = None
    ) -> AsyncIterator[Place]:
        yield Place("one:1", "The Shop", country, 3042030, 47.14, 9.52, source=self.name, source_license="CC0-1.0")


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = EntryPoints(
        [
            EntryPoint("one-shop", "test_plugins:OneShop", module.GROUP),
            EntryPoint("broken", "test_plugins:object", module.GROUP),
        ]
    )
    monkeypatch.setattr(module, "entry_points", lambda **given: entries.select(**given))
    monkeypatch.setitem(__import__("sys").modules, "test_plugins", SimpleNamespace(OneShop=OneShop, object=object))
    module._load.cache_clear()


def test_the_default_source() -> None:
    assert source().name == source("embedded").name == "embedded"
    assert isinstance(source(), Source)


@pytest.mark.usefixtures("plugins")
async def test_a_plug_in_is_a_source() -> None:
    result = await search(SearchRequest("shops in Vaduz", source="one-shop"))
    data = result.data()
    assert [business["name"] for business in data["businesses"]] == ["The Shop"]
    assert data["businesses"][0]["source_license"] == "CC0-1.0"
    assert data["metadata"]["source"] == "one-shop"
    assert "Somebody" in data["metadata"]["attribution"]


@pytest.mark.usefixtures("plugins")
def test_errors_list_what_there_is() -> None:
    with pytest.raises(InvalidInput, match="broken, embedded, one-shop"):
        source("nowhere")
    with pytest.raises(InvalidInput, match="lacks part"):
        source("broken")
