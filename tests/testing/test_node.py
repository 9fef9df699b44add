"""The shop on Node, by its own tests, against the kit's installation."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from shared.testing.sandbox import Sandbox
from tests.testing.installed import ROOT

NODE = shutil.which("node")
OLDEST = 20


def version() -> int:
    """Node's major version; 0 without Node."""
    if NODE is None:
        return 0
    told = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.lstrip("v").partition(".")[0] or 0)


@pytest.mark.skipif(version() < OLDEST, reason=f"node {OLDEST} or newer is not here")
def test_the_shop_on_node_sells_and_ships(sandbox: Sandbox) -> None:
    shop = sandbox.shop()
    environ = {**os.environ, "SAOMA_URL": shop.url, "SAOMA_KEY": shop.api_key}
    command = [str(NODE), "--test", "shop.test.mjs"]
    folder = ROOT / "examples" / "node"
    ran = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "# pass 3" in ran.stdout or "pass 3" in ran.stdout
