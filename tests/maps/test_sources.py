from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint, EntryPoints
from types import SimpleNamespace

import pytest

from orbweave.errors import InvalidInput, SetupError
from orbweave.maps import Place, SearchRequest, Source, Wanted, packaged_sources, search
from orbweave.maps import sources as module


class OneShop:
    """A complete source."""

    name = "one-shop"
    attribution = "Somebody"

    async def countries(self) -> frozenset[str]:
        return frozenset({"LI"})

    async def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        yield Place(
            "one:1", "The Shop", wanted.country, 3042030, 47.14, 9.52, source=self.name, source_license="CC0-1.0"
        )


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = EntryPoints(
        [
            EntryPoint("one-shop", "test_plugins:OneShop", module.GROUP),
            EntryPoint("broken", "test_plugins:object", module.GROUP),
            EntryPoint("absent", "no_such_module:Source", module.GROUP),
            EntryPoint("failing", "test_plugins:failing", module.GROUP),
        ]
    )
    monkeypatch.setattr(module, "entry_points", lambda **given: entries.select(**given))
    monkeypatch.setitem(
        __import__("sys").modules,
        "test_plugins",
        SimpleNamespace(OneShop=OneShop, object=object, failing=lambda: 1 / 0),
    )
    module._plugin.cache_clear()


async def test_the_default_source() -> None:
    sources = packaged_sources()
    chosen = await sources.choose(None, "LI")
    assert chosen.name == sources.named("embedded").name == "embedded"
    assert isinstance(chosen, Source)


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
    with pytest.raises(InvalidInput, match="absent, broken, embedded, failing, one-shop"):
        packaged_sources().named("nowhere")
    with pytest.raises(InvalidInput, match="lacks part"):
        packaged_sources().named("broken")


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(("name", "why"), [("absent", "ModuleNotFoundError"), ("failing", "ZeroDivisionError")])
def test_a_plug_in_that_cannot_be_loaded(name: str, why: str) -> None:
    with pytest.raises(SetupError, match=f"cannot be loaded .{why}"):
        packaged_sources().named(name)
