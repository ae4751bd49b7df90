"""A table of a board's file, field by field."""

from __future__ import annotations

import pytest

from hwgen.boards.fields import Fields, read_toml
from hwgen.errors import InputError


def fields(**values):
    return Fields("board.toml", "", values)


def told(action):
    with pytest.raises(InputError) as caught:
        action()
    return str(caught.value)


def test_what_is_there_is_taken_once():
    table = fields(a="text", b=["x", "y"], c=True, d=2.5, e={"f": "inner"}, g="two")
    assert "a" in table
    assert "z" not in table
    assert table.text("a") == "text"
    assert "a" not in table
    assert table.texts("b") == ("x", "y")
    assert table.flag("c") is True
    assert table.number("d", 0, 3) == 2.5
    assert table.table("e").text("f") == "inner"
    assert table.choice("g", ("one", "two")) == "two"
    table.finish()
    assert table.path == "board.toml"


def test_what_is_absent():
    table = fields()
    assert table.text("a", "default") == "default"
    assert table.texts("a") == ()
    assert table.flag("a") is False
    for take in (
        lambda: table.text("a"), lambda: table.number("a", 0, 1), lambda: table.table("a"),
        lambda: table.choice("a", ("b",)),
    ):  # fmt: skip
        assert told(take) == "board.toml: a must be given"


@pytest.mark.parametrize(("value"), [3, "", "  ", ["x"], True])
def test_texts_hold_something(value):
    assert told(lambda: fields(a=value).text("a")) == (
        f"board.toml: a must be a non-empty string, not {value!r}"
    )


@pytest.mark.parametrize("value", ["x", [3], ["x", 3], {"x": "y"}])
def test_lists_are_of_strings(value):
    assert told(lambda: fields(a=value).texts("a")) == (
        f"board.toml: a must be a list of strings, not {value!r}"
    )


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_flags_are_true_or_false(value):
    assert "a must be true or false, not" in told(lambda: fields(a=value).flag("a"))


@pytest.mark.parametrize("value", [1, 1.0, 7, 10, 10.0])
def test_numbers_in_their_range(value):
    assert fields(a=value).number("a", 1, 10) == value


@pytest.mark.parametrize("value", [0.99, 10.01, float("nan"), float("inf"), -5])
def test_numbers_out_of_it(value):
    assert told(lambda: fields(a=value).number("a", 1, 10)) == (
        f"board.toml: a must be 1 to 10, not {value!r}"
    )


def test_even_infinite_ends_take_no_infinity():
    wide = float("inf")
    assert "must be" in told(lambda: fields(a=wide).number("a", -wide, wide))


@pytest.mark.parametrize("value", [True, "3", None, [1]])
def test_what_is_no_number(value):
    assert told(lambda: fields(a=value).number("a", 0, 10)) == (
        f"board.toml: a must be a number, not {value!r}"
        if value is not None
        else "board.toml: a must be a number, not None"
    )


def test_fields_of_tables_have_their_table_s_name():
    table = fields(a={"b": {"c": 3}})
    inner = table.table("a").table("b")
    assert told(lambda: inner.text("c")) == (
        "board.toml: a.b.c must be a non-empty string, not 3"
    )  # fmt: skip
    assert told(lambda: fields(a=3).table("a")) == "board.toml: a must be a table, not 3"


def test_what_was_not_taken_is_told():
    table = fields(a={"b": 1, "c": 2, "d": 3})
    inner = table.table("a")
    inner.number("b", 0, 9)
    assert told(inner.finish) == "board.toml: a.c, a.d must be removed: no such field"
    table.finish()


def test_choices():
    assert told(lambda: fields(a="three").choice("a", ("one", "two"))) == (
        "board.toml: a must be one of one, two, not 'three'"
    )


def test_the_given_table_stays_as_it_is():
    given = {"a": "b"}
    Fields("board.toml", "", given).text("a")
    assert given == {"a": "b"}


def test_files(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("a = 3")
    assert read_toml(path) == {"a": 3}
    for text in ("a = = 3", "a = " + "[" * 5000):
        path.write_text(text)
        assert told(lambda: read_toml(path)).startswith(f"{path} is not TOML: ")
