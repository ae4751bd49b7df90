import pytest

from hwgen.errors import UsageError
from hwgen.quantized import Precision


def test_the_step_is_full_scale_over_half_the_codes():
    assert Precision(adc=12, full_scale=4.0).lsb == 4.0 / 2048
    assert Precision().lsb == 16.0 / 32768


def test_the_default_widths_are_those_of_the_docs():
    bits = Precision()
    assert (bits.feature, bits.conv_weight, bits.activation, bits.dense_weight) == (8, 8, 8, 8)


def test_json_round_trip():
    bits = Precision(adc=10, feature=9, magnitude="max-1/4", full_scale=2.5, transform="dft")
    assert Precision(**bits.to_json()) == bits


def test_bits_from_before_there_was_a_choice_are_those_of_the_fft():
    old = Precision().to_json()
    del old["transform"]
    assert Precision(**old) == Precision(transform="fft")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"adc": 3}, "adc bits must be 4 to 16, not 3"),
        ({"adc": 17}, "adc bits must be 4 to 16, not 17"),
        ({"data": 19}, "data bits must be 12 to 18, not 19"),
        ({"twiddle": 7}, "twiddle bits must be 8 to 18, not 7"),
        ({"feature": 1}, "feature bits must be 2 to 16, not 1"),
        ({"conv_weight": 17}, "conv_weight bits must be 2 to 16, not 17"),
        ({"activation": 0}, "activation bits must be 2 to 16, not 0"),
        ({"dense_weight": 8.0}, "dense_weight bits must be 2 to 16, not 8.0"),
        ({"dense_weight": "8"}, "dense_weight bits must be 2 to 16, not '8'"),
        ({"adc": 16, "data": 15}, r"data bits must be at least adc bits \(16\), not 15"),
        ({"magnitude": "cordic"}, "magnitude must be one of max-7/8-1/2, .*, not 'cordic'"),
        ({"transform": "dct"}, "transform must be one of fft, dft, not 'dct'"),
        ({"full_scale": 0.0}, "full-scale must be a positive number"),
        ({"full_scale": -1.0}, "full-scale must be a positive number"),
        ({"full_scale": float("nan")}, "full-scale must be a positive number"),
        ({"full_scale": float("inf")}, "full-scale must be a positive number"),
    ],
)
def test_what_is_refused(fields, text):
    with pytest.raises(UsageError, match=f"^{text}"):
        Precision(**fields)


def test_defaults():
    assert Precision().to_json() == {
        "adc": 16, "data": 18, "twiddle": 18, "feature": 8, "conv_weight": 8, "activation": 8,
        "dense_weight": 8, "magnitude": "max-7/8-1/2", "full_scale": 16.0, "transform": "fft",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [("adc", 4, 16), ("data", 12, 18), ("twiddle", 8, 18), ("feature", 2, 16),
     ("conv_weight", 2, 16), ("activation", 2, 16), ("dense_weight", 2, 16)],
)  # fmt: skip
def test_the_ends_of_every_range(field, low, high):
    others = {"adc": 4} if field != "adc" else {"data": 18}
    for value in (low, high):
        assert getattr(Precision(**others | {field: value}), field) == value
    for value in (low - 1, high + 1):
        with pytest.raises(UsageError, match=f"^{field} bits must be {low} to {high}, not {value}"):
            Precision(**others | {field: value})


def test_full_scales_and_data_of_just_enough():
    assert Precision(adc=12, data=12).data == 12
    assert Precision(full_scale=1e-9).lsb == 1e-9 / 32768
    assert Precision(full_scale=0.99e9).full_scale == 0.99e9
    with pytest.raises(UsageError, match="full-scale must be a positive number"):
        Precision(full_scale=1e9)
