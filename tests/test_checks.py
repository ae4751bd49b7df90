import pytest

from hwgen.checks import positive


def test_what_is_allowed_is_returned():
    assert positive("rows", 1) == 1
    assert positive("dsp", 0, 0) == 0


@pytest.mark.parametrize("value", [True, 2.0, "2", None])
def test_a_wrong_type(value):
    with pytest.raises(TypeError, match=f"^rows must be an integer, not {value!r}$"):
        positive("rows", value)


@pytest.mark.parametrize(("value", "low"), [(0, 1), (-3, 0), (4, 5)])
def test_a_wrong_value(value, low):
    with pytest.raises(ValueError, match=f"^rows must be at least {low}, not {value}$"):
        positive("rows", value, low)
