import yaml
from hypothesis import given
from hypothesis import strategies as st

from orbweave.api.formats import to_markdown, to_yaml

text = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_yaml_says_the_same(value: object) -> None:
    assert yaml.safe_load(to_yaml(value)) == value


@given(values)
def test_markdown_renders_anything_without_live_html(value: object) -> None:
    assert "<" not in to_markdown(value).replace("\\<", "")


def test_markdown_has_sections_and_tables() -> None:
    answer = {
        "total": 2,
        "name": None,
        "jobs": {"queued": 1, "done": True},
        "campaigns": [{"id": "a|b", "tags": ["x", "y"]}, {"id": "<i>", "n": 3}],
    }
    assert to_markdown(answer) == (
        "- **total**: 2\n"
        "- **name**: \n"
        "\n"
        "# jobs\n"
        "\n"
        "- **queued**: 1\n"
        "- **done**: yes\n"
        "\n"
        "# campaigns\n"
        "\n"
        "| id | tags | n |\n"
        "| --- | --- | --- |\n"
        "| a\\|b | x; y |  |\n"
        "| \\<i\\> |  | 3 |\n"
    )
