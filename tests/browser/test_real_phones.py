"""Phones on the network: on plain pages, and on secure ones with the certificate in the browser's own store.

No browser here is told to overlook a certificate.
"""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from playwright.sync_api import Browser, Error, Page, expect

from tests.browser import looks, people
from tests.browser.camera import FakeCamera, code_picture
from tests.browser.conftest import FOREIGN_HOST, LAN_HOST, PageFor, Witness
from tests.services import Services

PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A wallet that is served to the phones of a network, plain and secure."""
    running = Services(tmp_path_factory.mktemp("network"), {"SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": LAN_HOST})
    try:
        running.seed()
        running.start("wallet")
        yield running
    finally:
        running.finish()


@pytest.fixture(scope="module")
def plain(network: Services) -> str:
    return f"http://{LAN_HOST}:{network.config.wallet_port}"


@pytest.fixture(scope="module")
def trusting(
    network: Services, launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Browser, FakeCamera]]:
    """A browser whose owner has installed the certificate, and its camera."""
    home = tmp_path_factory.mktemp("home")
    install(network.data_dir / "tls" / "ca.pem", home)
    camera = FakeCamera(home / "camera.y4m")
    browser = launch(*camera.arguments, home=home)
    yield browser, camera
    browser.close()


def install(certificate: Path, home: Path) -> None:
    """Put a certificate into the store that browsers on Linux keep in their owner's home."""
    if not shutil.which("certutil"):
        pytest.skip("certutil is missing: install the package libnss3-tools")
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "saoma", "-i", str(certificate)]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *arguments], check=True, capture_output=True)


@pytest.fixture
def visitor(trusting: tuple[Browser, FakeCamera], witness: Witness) -> Iterator[Page]:
    """A phone that trusts this computer's certificate, with nothing in it yet."""
    context = trusting[0].new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    witness.watch(page)
    yield page
    context.close()


def join(page: Page, name: str) -> None:
    """Join on the page that is open, without a PIN."""
    page.fill("#name", name)
    page.locator("#name-step .primary").click()
    page.locator("#skip").click()
    expect(page.locator("#amount")).to_have_text("¥1,000.00", timeout=people.PATIENCE_MS)


def states(page: Page) -> dict[str, str]:
    """What the doctor's page has found, once it is done."""
    expect(page.locator("#copy")).to_be_visible(timeout=people.PATIENCE_MS)
    rows = page.locator("#checks > li")
    return dict(rows.evaluate_all("rows => rows.map((row) => [row.id.slice(6), row.dataset.state])"))


def test_a_phone_that_trusts_the_certificate_gets_everything(
    network: Services, plain: str, visitor: Page, trusting: tuple[Browser, FakeCamera]
) -> None:
    secure = network.config.wallet_url
    visitor.goto(f"{plain}/start")
    visitor.wait_for_url(f"{secure}/welcome")
    assert visitor.evaluate("[isSecureContext, Boolean(crypto.subtle), Boolean(navigator.mediaDevices)]") == [True] * 3
    join(visitor, "Ana")
    visitor.evaluate("navigator.serviceWorker.ready.then(() => true)")
    assert visitor.evaluate(KEPT_KEY) == {"type": "private", "extractable": False, "refused": True}

    visitor.goto(f"{secure}/doctor")
    found = states(visitor)
    assert {name for name, state in found.items() if state == "ok"} == set(found) - {"install"}

    li = network.phone("Li")
    trusting[1].show(code_picture(li.request(500, memo="Tea")))
    visitor.goto(secure)
    people.scan(visitor)
    people.pay(visitor)
    assert li.balance()["balance_minor"] == 100_500


KEPT_KEY = """async () => {
  const name = (await indexedDB.databases()).map(({ name }) => name).find((name) => name.startsWith('saoma-keys-'));
  const database = await new Promise((done) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => done(asked.result);
  });
  const [store] = database.objectStoreNames;
  const kept = await new Promise((done) => {
    const asked = database.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const key = kept.flatMap((value) => Object.values(value)).find((value) => value instanceof CryptoKey);
  const refused = await crypto.subtle.exportKey('pkcs8', key).then(() => false, () => true);
  return { type: key.type, extractable: key.extractable, refused };
}"""


def test_the_certificate_vouches_for_no_name_of_the_wide_web(network: Services, visitor: Page) -> None:
    with ForeignSite(network.data_dir / "tls") as address, pytest.raises(Error, match="ERR_CERT"):
        visitor.goto(address)


def test_a_phone_without_the_certificate_is_warned_and_the_first_page_stays_to_explain(
    network: Services, plain: str, page_for: PageFor
) -> None:
    page, _ = page_for("ana", **PHONE)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/healthz")):
        page.goto(f"{plain}/start#12345")

    expect(page.locator("#secure")).to_have_attribute("href", f"{network.config.wallet_url}/#12345")
    check_looks(page, "start")
    page.get_by_role("link", name="Install the certificate").click()
    expect(page.locator("#fingerprint")).to_be_visible()
    for details in page.locator("details:not([open]) > summary").all():
        details.click()
    check_looks(page, "certificate")
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(network.config.wallet_url)


def test_on_a_plain_page_a_camera_apps_link_is_joined_with_and_paid(
    network: Services, plain: str, page_for: PageFor
) -> None:
    li = network.phone("Li Plain")
    digits = li.request(700).rpartition("#")[2]
    page, _ = page_for("ana", **PHONE)

    page.goto(f"{plain}/q#{digits}")
    page.wait_for_url("**/welcome#*")
    offered = page.locator("#secure-offer a")
    expect(offered).to_have_attribute("href", f"{network.config.wallet_url}/welcome#{digits}")
    assert looks.violations(page) == {}
    page.fill("#name", "Bo")
    page.locator("#name-step .primary").click()
    page.locator("#skip").click()
    expect(page.locator("#go")).to_have_text("Pay ¥7.00", timeout=people.PATIENCE_MS)
    people.pay(page)

    assert li.balance()["balance_minor"] == 100_700


def test_on_a_plain_page_a_photo_does_what_the_camera_cannot(network: Services, plain: str, page_for: PageFor) -> None:
    li = network.phone("Li Photo")
    page, _ = page_for("ana", **PHONE)
    page.goto(f"{plain}/welcome")
    join(page, "Cy")
    page.goto(f"{plain}/doctor")
    found = states(page)
    assert {name: found[name] for name in ("secure", "camera", "keys", "offline", "clock", "network")} == {
        "secure": "bad", "camera": "bad", "keys": "bad", "offline": "bad", "clock": "ok", "network": "ok"
    }  # fmt: skip
    expect(page.locator("#check-secure [data-way=go]")).to_have_attribute("href", f"{network.config.wallet_url}/doctor")
    check_looks(page, "doctor")

    page.locator("#check-camera [data-way=photo]").click()
    expect(page.locator("#problem-text")).to_contain_text("https")
    picture = code_picture(li.request(300))
    file = network.data_dir / "photo.png"
    picture.save(file)
    page.set_input_files("#photo", file)
    page.wait_for_url("**/q#*", timeout=people.PATIENCE_MS)
    people.pay(page)

    assert li.balance()["balance_minor"] == 100_300


def check_looks(page: Page, name: str) -> None:
    """Accessible, pressable, and no wider than the phone."""
    looks.picture(page, f"phones-{name}", full_page=True)
    assert looks.violations(page) == {}
    assert looks.small_targets(page) == []
    assert looks.overflow_px(page) == 0


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"stolen")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class ForeignSite:
    """A site under a foreign name, with a leaf that the authority's stolen key has signed for it."""

    def __init__(self, folder: Path) -> None:
        authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        signer = load_pem_private_key((folder / "ca.key").read_bytes(), None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        start = datetime.now(UTC) - timedelta(hours=1)
        leaf = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, FOREIGN_HOST)]))
            .issuer_name(authority.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=90))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(FOREIGN_HOST)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(signer, hashes.SHA256())
        )
        both = folder / "foreign.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        both.write_bytes(leaf.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        self._server = HTTPServer(("127.0.0.1", 0), _Answer)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"https://{FOREIGN_HOST}:{self._server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
