"""The small inputs that went wrong, where they are: what each gives, or why it is refused."""

from pathlib import Path

import pytest

from hwgen.errors import InputError
from hwgen.signals import Reading, read_recording

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"

TAKEN = [
    # file, what the user says, channel, of how many, rate
    ("mode_scalar.mat", {}, "vib", 1, None),
    ("index_substring.csv", {}, "FE_time", 1, None),
    ("X048.mat", {}, "X048_DE_time", 1, None),
    ("normal_2_99.mat", {}, "X099_DE_time", 4, None),
    ("99.mat", {}, "X099_DE_time", 4, None),
    ("99_Normal_2.mat", {}, "X099_DE_time", 4, None),
    ("99.mat", {"channel": "X098_FE"}, "X098_FE_time", 4, None),
    ("struct_s.mat", {}, "s.DE", 1, 12_000),
    ("single_struct_arr.mat", {}, "DE", 2, None),
    ("time_and_x.mat", {}, "x", 1, 12_000),
    ("only_time.mat", {"channel": "1"}, "vib[1]", 2, 12_000),
    ("t_only_vector_small.mat", {"channel": "data[3]"}, "data[3]", 3, 12_000),
    ("twocol.mat", {"channel": "2"}, "data[2]", 2, None),
    ("v4.mat", {}, "DE", 1, None),
    ("int16.mat", {}, "DE_time", 1, None),
    ("hust/B500.mat", {}, "data", 1, 51_200),
    ("mfpt/baseline_1.mat", {}, "bearing.gs", 1, 97_656),
    ("mfpt/InnerRaceFault_vload_1.mat", {"channel": "bearing.gs"}, "bearing.gs", 1, 48_828),
    ("slice_small.csv", {}, "DE_time", 1, None),
    ("pandas_slice.csv", {}, "DE_time", 1, None),
    ("mu_small.csv", {}, "DE", 1, 12_000),
    ("us_title.csv", {}, "Schwingung DE (m/s²)", 1, 12_000),
    ("us_title_micro2.csv", {}, "DE", 1, 12_000),
    ("time_ms_titled.csv", {}, "DE", 1, 12_000),
    ("time_ms_resolution.csv", {}, "DE", 1, 12_000),
    ("time_last.csv", {}, "DE", 1, 12_000),
    ("epoch_s.csv", {}, "DE", 1, 12_000),
    ("units_row.csv", {}, "DE", 1, 12_000),
    ("labview.csv", {}, "Acceleration", 1, 12_000),
    ("ms_small.csv", {"sample_rate": 12_000.0}, "2", 1, 12_000),
    ("femto1/acc_00001.csv", {"channel": "5"}, "5", 2, 25_600),
    ("nch.npy", {"channel": "2"}, "2", 2, None),
    ("be_f4.npy", {}, "1", 1, None),
    ("f16.npy", {}, "1", 1, None),
    ("arr.npz", {}, "x", 1, None),
    *((f"{name}.wav", {}, "1", 1, 12_000) for name in (
        "mono16", "u8", "i32", "pcm24", "float32", "float64", "extensible", "rf64", "list_chunk",
        "zero_len")),
    ("stereo16.wav", {"channel": "2"}, "2", 2, 12_000),
]  # fmt: skip

REFUSED = [
    ("X048.mat", {"channel": "FE"}, "no signal 'FE'; --channel must name one of: X048_DE_time"),
    ("stereo16.wav", {"channel": "FE"}, "no signal 'FE'; --channel must name one of: 1, 2"),
    ("stereo16.wav", {}, "2 signals: 1, 2; name one with --channel"),
    ("only_time.mat", {}, "2 signals: vib[1], vib[2] (no signals: time); name one"),
    ("only_time.mat", {"channel": "time"}, "no signal 'time'"),
    ("only_time.mat", {"channel": "DE"}, "no signal 'DE'"),
    ("t_only_vector_small.mat", {}, "3 signals: data[1], data[2], data[3] (no signals: t)"),
    ("t_only_vector_small.mat", {"channel": "DE"}, "no signal 'DE'"),
    ("index_substring.csv", {"channel": "DE"}, "no signal 'DE'"),
    ("mode_scalar.mat", {"channel": "DE"}, "no signal 'DE'"),
    ("logical.mat", {}, "DE (logical)"),
    ("twocol.mat", {}, "2 signals: data[1], data[2]"),
    ("nch.npy", {}, "2 signals: 1, 2"),
    ("femto1/acc_00001.csv", {}, "2 signals: 5, 6"),
    ("ms_small.csv", {}, "a sample rate of 12 Hz"),
    ("time_ms_untitled.csv", {}, "a sample rate of 12 Hz"),
    ("row_windows.csv", {}, "a window a line"),
    ("blank_cells.csv", {}, "sample 500"),
    ("nan_cell.csv", {}, "sample 500"),
    ("nan.npy", {}, "sample 5000 is nan"),
    ("const.npy", {}, "no vibration"),
    ("v73.mat", {}, "MATLAB 7.3"),
    ("adpcm.wav", {}, "not a usable .wav"),
    ("README.md", {}, "is not a recording"),
]


@pytest.fixture(scope="module")
def cases():
    """The inputs; not part of the project."""
    if not CASES.is_dir():
        pytest.skip(f"the small inputs are not at {CASES}")
    return CASES


@pytest.mark.parametrize(("file", "said", "channel", "of", "rate"), TAKEN)
def test_case_is_taken(cases, file, said, channel, of, rate):
    recording = read_recording(cases / file, reading=Reading(**said))
    found = (recording.channel, recording.channels_of, recording.sample_rate)
    assert found == (channel, of, rate)


@pytest.mark.parametrize(("file", "said", "reason"), REFUSED)
def test_case_is_refused(cases, file, said, reason):
    with pytest.raises(InputError) as caught:
        read_recording(cases / file, reading=Reading(**said))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_case_ends_in_a_traceback(cases):
    for path in sorted(cases.rglob("*")):
        if path.is_file() and "ck" not in path.parts:
            try:
                recording = read_recording(path)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017 -- any of them, or a recording
            else:
                assert recording.channel
