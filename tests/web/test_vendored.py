"""Third-party files are what their packages hold, are licensed, and are used; icons that pages name exist."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "shared" / "web" / "static"
VENDOR = STATIC / "vendor"
RECORD = json.loads((VENDOR / "VENDORED.json").read_text(encoding="utf-8"))
_ICON = re.compile(r"""icon\('([a-z0-9-]+)'|sprite\.svg#([a-z0-9-]+)""")


def vendored_files() -> dict[str, Path]:
    return {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}


def test_every_file_is_recorded_and_nothing_recorded_is_missing() -> None:
    recorded = {f"{folder}/{name}" for folder, package in RECORD.items() for name in package["files"]}

    assert set(vendored_files()) - {"VENDORED.json", "README.md"} == recorded


def test_every_file_has_the_recorded_hash() -> None:
    for folder, package in RECORD.items():
        for name, expected in package["files"].items():
            found = hashlib.sha256((VENDOR / folder / name).read_bytes()).hexdigest()
            assert found == expected, f"{folder}/{name} was changed: vendored files are replaced, never edited"


def test_every_package_names_its_version_licence_and_integrity() -> None:
    for folder, package in RECORD.items():
        assert folder.endswith("-" + package["version"])
        assert package["licence"]
        assert package["integrity"].startswith("sha512-")
        assert any(name.startswith("LICENSE") for name in package["files"]), f"{folder} has no licence file"


def test_every_script_is_imported_by_one_of_ours() -> None:
    ours = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
    for name in vendored_files():
        if name.endswith(".js"):
            assert any(f"./vendor/{name}" in source for source in ours), f"no page uses {name}: remove it"


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "sprite.svg").read_text(encoding="utf-8")))
    sources = [path for kind in ("*.html", "*.js") for path in ROOT.rglob(kind) if ".venv" not in path.parts]
    named = {
        (match.group(1) or match.group(2), path.name)
        for path in sources
        for match in _ICON.finditer(path.read_text(encoding="utf-8"))
    }

    assert drawn
    assert named
    assert not {(icon, page) for icon, page in named if icon not in drawn}


def test_every_icon_in_the_sprite_is_named_by_a_page() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "sprite.svg").read_text(encoding="utf-8")))
    sources = [
        path.read_text(encoding="utf-8")
        for top in ("shared", "wallet", "merchant")
        for kind in ("html", "js", "py")
        for path in (ROOT / top).rglob(f"*.{kind}")
    ]
    quoted = {name for source in sources for name in re.findall(r"""['"#]([a-z0-9-]+)['"]""", source)}
    assert not drawn - quoted
