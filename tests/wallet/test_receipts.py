"""What a receipt says beyond the amount: its story, its proof as a file, and the cards that go with people."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import cli, proof_file
from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.codes.proof_file import BadProof
from shared.config import Config
from shared.db.store import Store
from shared.payments import sealing
from shared.web.secrets import load_secret
from tests.wallet.conftest import BASE, Phone, good
from tests.world import World
from wallet.contacts.vcard import FOLD_BYTES, vcard


def send(phone: Phone, payee: str, amount_minor: int, **more: object) -> str:
    done = phone.post("/api/orders", {"order": phone.order(OrderKind.SEND, payee, amount_minor, **more)})
    return str(done["transfer"])


def page(phone: Phone, path: str) -> str:
    answer = phone.ask("GET", path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def steps(phone: Phone, transfer: str) -> list[str]:
    """The words of the receipt's story, in order."""
    story = page(phone, f"/receipts/{transfer}").split('id="steps"')[1].split("</dl>")[0]
    words = ("Asked for", "Scanned", "Held", "Paid", "Taken by the shop", "Given back", "Topped up", "Sealed")
    return [word for line in story.split("<dt")[1:] for word in words if f">{word}" in line]


@pytest.fixture
def seal(wallet_store: Store, config: Config) -> Callable[[], object]:
    """Seal what is due, as the till does once a second."""
    return lambda: sealing.seal_due(wallet_store, config=config, secret=load_secret(config))


def test_a_receipt_tells_its_story(ana: Phone, world: World, seal: Callable[[], object]) -> None:
    shop = world.shop("tea")
    intent = world.intent(shop, 800)
    ana.post("/api/scan", {"text": frames.code_text(BASE, intent.code)})
    done = ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "tea", 800, subject=bytes.fromhex(intent.jti))})
    assert steps(ana, done["transfer"]) == ["Asked for", "Scanned", "Paid"]
    seal()

    assert steps(ana, done["transfer"]) == ["Asked for", "Scanned", "Paid", "Sealed"]


def test_a_request_that_was_answered_and_money_of_the_bank_have_their_story_too(ana: Phone, li: Phone) -> None:
    request = li.request(300)
    subject = bytes.fromhex(ana.post("/api/scan", {"text": request})["subject"])
    order = ana.order(OrderKind.SEND, "li", 300, subject=subject)
    done = ana.post("/api/orders", {"order": order, "presented": request})
    welcome = ana.get("/api/statement")["rows"][-1]["transfer"]

    assert steps(ana, done["transfer"]) == ["Asked for", "Paid"]
    assert steps(ana, welcome) == ["Topped up"]


def test_a_proof_can_be_checked_without_the_service(
    ana: Phone, li: Phone, seal: Callable[[], object], config: Config, wallet_store: Store,
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    transfer = send(ana, "li", 500)
    assert ana.ask("GET", f"/receipts/{transfer}/proof.json").status_code == 409
    assert "in a moment" in page(ana, f"/receipts/{transfer}")
    seal()
    for phone in (ana, li):
        assert "Save the proof" in page(phone, f"/receipts/{transfer}")
    said = good(li.ask("GET", f"/receipts/{transfer}/proof.json"))
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(said))
    verdict = proof_file.judged(file.read_text())
    monkeypatch.setenv("SAOMA_DATABASE_URL", config.database_url)

    def check(*more: str) -> tuple[int, dict[str, Any]]:
        status = cli.main(["--proof", str(file), "--json", *more])
        return status, json.loads(capsys.readouterr().out)

    assert verdict.holds
    assert verdict.transfer.id == transfer
    status, answer = check()
    assert (status, answer["key_is"], answer["in_this_ledger"]) == (0, "operator", True)
    status, answer = check("--key", said["public_key"].upper())
    assert (status, answer["key_is"], answer["in_this_ledger"]) == (0, "given", None)
    assert check("--key", "00" * 32)[0] == 1
    monkeypatch.setenv("SAOMA_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")
    status, answer = check()
    assert (status, answer["holds"], answer["key_is"]) == (1, True, "unknown")
    assert cli.main(["--proof", str(file), "--key", said["public_key"]]) == 0
    assert "it is among the first" in capsys.readouterr().out
    file.write_text(json.dumps(said | {"transfer": said["transfer"] | {"amount_minor": 501}}))
    status, answer = check("--key", said["public_key"])
    assert (status, answer["is_sealed"], answer["is_signed"]) == (1, False, True)


def test_a_proof_is_for_the_two_sides(ana: Phone, li: Phone, join: Callable[..., Phone], seal: object) -> None:
    transfer = send(ana, "li", 500)
    seal()  # type: ignore[operator]

    assert join("Mia").ask("GET", f"/receipts/{transfer}/proof.json").status_code == 404


def test_a_proof_with_anything_changed_does_not_hold(ana: Phone, li: Phone, seal: Callable[[], object]) -> None:
    for amount in (500, 600, 700):
        transfer = send(ana, "li", amount)
    seal()
    said = good(ana.ask("GET", f"/receipts/{transfer}/proof.json"))
    assert proof_file.judged(json.dumps(said)).holds
    row = said["transfer"]
    changed: list[dict[str, Any]] = [
        said | {"transfer": row | {name: "x" if isinstance(value, str) or value is None else value + 1}}
        for name, value in row.items()
    ]
    changed += [said | {"size": said["size"] + 1}, said | {"created_at": 0}, said | {"realm": "other"},
                said | {"path": said["path"][1:]}, said | {"path": [*said["path"], "00" * 32]},
                said | {"signature": "00" * 64}, said | {"root": "00" * 32}]  # fmt: skip
    for each in changed:
        assert not proof_file.judged(json.dumps(each)).holds, each


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "x", "[" * 100_000, '{"format": "saoma-proof-1"}', "1" * 70_000, '{"format": NaN}'],
)
def test_a_file_that_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(BadProof):
        proof_file.judged(text)


def test_odd_values_in_a_proof_are_refused(ana: Phone, seal: Callable[[], object]) -> None:
    transfer = ana.get("/api/statement")["rows"][0]["transfer"]
    seal()
    said = good(ana.ask("GET", f"/receipts/{transfer}/proof.json"))
    for name in said:
        for odd in (None, True, -1, 10**30, 1.5, "zz", [], ["zz"], {}, {"seq": 1}):
            try:
                verdict = proof_file.judged(json.dumps(said | {name: odd}))
            except BadProof:
                continue
            assert not verdict.holds or (name, odd) == ("path", []), "one transfer alone has no path"


def test_a_file_that_cannot_be_read_is_no_proof(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--proof", "/no/such/file", "--json"]) != 0
    assert "bad_proof" in capsys.readouterr().out


def test_a_card_becomes_a_file_for_the_address_book(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    ana.post("/api/contacts", {"card": li.card()})
    ana.ask("PATCH", "/api/contacts/li", {"alias": "Li; the, \\one"})
    mine, theirs = (ana.ask("GET", path) for path in ("/card.vcf", "/contacts/li/card.vcf"))

    assert mine.headers["Content-Type"].startswith("text/vcard")
    assert 'filename="ana.vcf"' in mine.headers["Content-Disposition"]
    assert "FN:Ana\r\n" in mine.get_data(as_text=True)
    unfolded = theirs.get_data(as_text=True).replace("\r\n ", "")
    assert "FN:Li\\; the\\, \\\\one\r\n" in unfolded
    assert f"URL:{li.card()}\r\n" in unfolded
    assert join("Mia").ask("GET", "/contacts/li/card.vcf").status_code == 404


@given(st.text(max_size=60), st.text(alphabet="0123456789", min_size=1, max_size=200))
def test_a_card_file_is_whole_lines_of_at_most_75_bytes(name: str, digits: str) -> None:
    text = vcard(handle="ana", display_name=name, link=f"https://wallet/q#{digits}", product="Saoma")
    lines = text.split("\r\n")

    assert lines[-1] == ""
    assert all(len(line.encode("utf-8", "surrogatepass")) <= FOLD_BYTES for line in lines)
    assert (lines[0], lines[1], lines[-2]) == ("BEGIN:VCARD", "VERSION:3.0", "END:VCARD")
    names = [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith(("FN:", "URL:", "END"))]
    assert len(names) == 3


def test_the_printed_code_is_the_persons_own_card_and_ends_with_its_key(ana: Phone, li: Phone) -> None:
    assert "Scan to pay" in page(ana, "/poster")
    found = li.post("/api/scan", {"text": ana.card()})
    assert (found["kind"], found["payee"]["handle"], found["expires_at"]) == ("contact_card", "ana", None)
    for _ in range(2):
        send(li, "ana", 100)

    assert "/send/ana" in li.post("/q/view", {"text": ana.card()})["html"]
    assert ana.balance() == 100_200
