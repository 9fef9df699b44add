"""Money without floats, ids that sort by time, times that survive the trip to text and back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock, faults, ids, money
from shared.config import from_environment
from tests.services import ROOT

CNY, JPY, KWD = (money.currency(code) for code in ("CNY", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("text", "unit", "minor"),
    [("12.50", CNY, 1250), ("12.5", CNY, 1250), ("12", CNY, 1200), ("0.01", CNY, 1), (" 7 ", CNY, 700),
     ("500", JPY, 500), ("1.234", KWD, 1234), ("10000000000", CNY, 10**12)],
)  # fmt: skip
def test_what_people_type_becomes_minor_units(text: str, unit: money.Currency, minor: int) -> None:
    assert money.parse_major(text, unit) == minor


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.00", "-1", "+1", "1e3", "1,50", "1.505", "1.", ".5", "01", "NaN", "inf", "1 000", "٣", "１２", "1²",
     "12.50 CNY", "10000000000.01", "9" * 40, "1\n", "0x10", "1_000"],
)  # fmt: skip
def test_what_is_no_plain_amount_is_refused(text: str) -> None:
    with pytest.raises(money.InvalidAmount):
        money.parse_major(text, CNY)


@pytest.mark.parametrize("value", [0, -1, True, 1.0, "1", None, 10**12 + 1, 2**70])
def test_minor_units_are_positive_integers_up_to_the_limit(value: object) -> None:
    with pytest.raises(money.InvalidAmount):
        money.check_minor(value)


def test_a_fraction_of_a_yen_is_refused() -> None:
    with pytest.raises(money.InvalidAmount):
        money.parse_major("1.5", JPY)


@given(st.integers(1, money.MAX_MINOR), st.sampled_from([CNY, JPY, KWD]))
def test_an_amount_survives_the_trip_to_text_and_back(minor: int, unit: money.Currency) -> None:
    assert money.parse_major(money.to_major(minor, unit), unit) == minor


def test_negative_amounts_keep_their_sign_in_text() -> None:
    assert [money.to_major(-5, unit) for unit in (CNY, JPY, KWD)] == ["-0.05", "-5", "-0.005"]


@pytest.mark.parametrize("code", ["cny", "RMB", "", None, 156])
def test_an_unknown_currency_is_refused(code: object) -> None:
    with pytest.raises(money.UnknownCurrency):
        money.currency(code)  # type: ignore[arg-type]


def test_an_id_is_a_uuid_of_version_7_behind_its_kind() -> None:
    made = ids.new_id("trf", 1_700_000_000_000)
    raw = uuid.UUID(bytes=ids.id_bytes(made))
    assert (raw.version, raw.variant, made[:4], len(made)) == (7, uuid.RFC_4122, "trf_", 30)
    assert int.from_bytes(raw.bytes[:6], "big") == 1_700_000_000_000
    assert ids.id_from_bytes("trf", raw.bytes) == made


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_makes_ids_of_its_own() -> None:
    code = """if True:
        import os
        from shared import ids
        ids.new_id("trf", 1)  # there is noise for more now
        child = os.fork()
        os.write(1, f"{ids.new_id('trf', 1)}\\n".encode())  # at once: two processes write there
        if child:
            os.waitpid(child, 0)
    """
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert len(set(said.split())) == 2, said


def test_ids_made_by_many_threads_at_once_all_differ() -> None:
    made: list[list[str]] = [[] for _ in range(8)]

    def make(into: list[str]) -> None:
        into.extend(ids.new_id("trf", 1) for _ in range(2_000))

    crew = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    assert len({each for some in made for each in some}) == 8 * 2_000


def test_an_id_agrees_with_the_typeid_specification() -> None:
    """The specification's own example."""
    raw = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057").bytes
    assert ids.id_from_bytes("prefix", raw) == "prefix_01h455vb4pex5vsknk084sn02q"


@given(st.lists(st.integers(0, 2**47), min_size=2, max_size=5, unique=True))
def test_ids_sort_by_the_time_they_were_made(times: list[int]) -> None:
    assert sorted(times) == [
        int.from_bytes(ids.id_bytes(i)[:6], "big") for i in sorted(ids.new_id("a", t) for t in times)
    ]


def test_a_derived_id_depends_on_each_part_and_on_where_it_ends() -> None:
    one = ids.derived_id("trf", 1, b"ab", b"c")
    assert one == ids.derived_id("trf", 1, b"ab", b"c")
    assert len({one, ids.derived_id("trf", 1, b"a", b"bc"), ids.derived_id("trf", 2, b"ab", b"c")}) == 3


NO_TRANSFER_ID = (
    "", "trf_", "trf_x", "pi_01h455vb4pex5vsknk084sn02q", "trf_8zzzzzzzzzzzzzzzzzzzzzzzzz", None,
    "trf_01h455vb4pex5vsknk084sn02u", "a_trf_01h455vb4pex5vsknk084sn02q",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_TRANSFER_ID)
def test_what_is_no_id_of_this_kind_is_told_apart(text: object) -> None:
    assert not ids.is_id(text, "trf")


@given(st.integers(0, 4_102_444_800_000))
def test_a_time_survives_the_trip_to_text_and_back(at_ms: int) -> None:
    assert clock.parse_rfc3339(clock.rfc3339(at_ms)) == at_ms


def test_the_environment_has_defaults_and_is_checked() -> None:
    config = from_environment({})
    assert (config.wallet_url, config.merchant_url) == ("http://localhost:5001", "http://localhost:5002")
    assert config.database_url.startswith("sqlite:////")
    lan = from_environment({"SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": "192.168.1.5"})
    assert (lan.wallet_url, lan.merchant_url) == ("https://192.168.1.5:5443", "https://192.168.1.5:5444")
    for wrong in ("0", "65536", "x", "-1", "５００１"):
        with pytest.raises(ValueError, match="SAOMA_WALLET_PORT"):
            from_environment({"SAOMA_WALLET_PORT": wrong})


def test_a_misspelt_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="no fault point"):
        faults.load("store.comitted=exit@1")
    with pytest.raises(ValueError, match="unknown fault"):
        faults.load("store.committed=explode@1")
