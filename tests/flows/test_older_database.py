"""Somebody puts yesterday's database back: nothing is served on it until a person says that it was meant."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shared.payments import sealing
from tests.services import ROOT, Services


def filed_size(services: Services) -> int:
    store = services.store()
    try:
        head = sealing.head_file(store, services.config).read()
    finally:
        store.close()
    return head.size if head else 0


def wait_until_filed(services: Services, size: int) -> None:
    """Until the running till has sealed and filed so many transfers."""
    turn = threading.Event()
    for _ in range(600):
        if filed_size(services) >= size:
            return
        turn.wait(0.05)
    raise AssertionError(f"{size} transfers were never filed")


def stop_and_fold(services: Services) -> None:
    """End the services; whoever closes the database last folds its log into the file."""
    services.stop()
    store = services.store()
    store.run(lambda uow: None)
    store.close()
    assert not (services.data_dir / "saoma.db-wal").exists()


def refused(services: Services, *command: str) -> str:
    """What a command says that must not write; one sentence, and no traceback."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=services.environ, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def put_back(services: Services, tmp_path: Path) -> tuple[Services, str]:
    """The database of two payments earlier lies in the place of the newest; a receipt given since."""
    database = Path(services.config.database_url.removeprefix("sqlite:///"))
    ana, till = services.phone("Ana"), services.till()
    first = ana.pay(till.charge(amount_minor=100)["code"])
    wait_until_filed(services, first["seq"])
    stop_and_fold(services)
    older = tmp_path / "older.db"
    shutil.copyfile(database, older)

    services.start("wallet")
    services.start("merchant")
    later = [ana.pay(till.charge(amount_minor=amount)["code"]) for amount in (200, 300)]
    wait_until_filed(services, later[-1]["seq"])
    receipt = ana.wallet.ask("GET", f"/api/receipts/{later[-1]['transfer']}")["code"]
    assert ana.scan(receipt)["sealed_to"] == later[-1]["seq"]
    stop_and_fold(services)
    genuine = json.loads(services.run("run.py", "code", receipt, "--json").stdout)
    assert genuine["chain"] == {
        "is_there": True, "sealed_under": later[-1]["seq"], "head_holds": True, "set_aside": None,
    }  # fmt: skip
    shutil.copyfile(older, database)
    return services, receipt


def test_an_older_database_is_served_only_after_somebody_signed_for_it(put_back: tuple[Services, str]) -> None:
    services, receipt = put_back
    for command in (
        ["-m", "wallet"],
        ["-m", "merchant"],
        ["run.py", "seed"],
        ["run.py", "settle"],
        ["run.py", "migrate"],
    ):
        said = refused(services, *command)
        assert "older than its last head" in said
        assert "migrate --accept-head" in said
    shown = services.run("run.py", "code", receipt)
    assert shown.returncode == 1
    assert "DOES NOT BEGIN WITH THE HEAD" in shown.stdout

    accepted = services.run("run.py", "migrate", "--accept-head", "--reason", "the disk was replaced")
    assert accepted.returncode == 0
    assert "signed" in accepted.stdout
    services.start("wallet")
    services.start("merchant")
    services.phone("Li").pay(services.till().charge(amount_minor=400)["code"])

    told = json.loads(services.run("run.py", "audit", "--json").stdout)
    assert told["ok"]
    assert [item["reason"] for item in told["chain"]["discontinuities"]] == ["the disk was replaced"]
    explained = json.loads(services.run("run.py", "code", receipt, "--json").stdout)
    assert (explained["seal_holds"], explained["chain"]["head_holds"]) == (True, False)
    assert explained["chain"]["set_aside"]["reason"] == "the disk was replaced"


def test_a_code_is_explained_where_there_is_no_database(services: Services, tmp_path: Path) -> None:
    code = services.till().charge(amount_minor=100)["code"]
    services.stop()
    alone = services.environ | {"SAOMA_DATA_DIR": str(tmp_path / "nothing")}
    done = subprocess.run(
        [sys.executable, "run.py", "code", code], cwd=ROOT, env=alone, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "amount_minor   100" in done.stdout
    assert "There is no database" in done.stdout
