"""The certificates of the LAN: what phones demand of them, and when they are made again."""

from __future__ import annotations

import ipaddress
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from shared.web import certificates

HOST = "192.168.1.50"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "tls"


@pytest.fixture
def chain(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(certificates.ensure(folder, HOST).chain.read_bytes())


def test_the_leaf_is_what_phones_accept(chain: list[x509.Certificate]) -> None:
    leaf, _authority = chain
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address(HOST)]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert isinstance(leaf.signature_hash_algorithm, hashes.SHA256)
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_verifier_accepts_the_chain_for_the_address_and_for_no_other(chain: list[x509.Certificate]) -> None:
    leaf, authority = chain
    builder = verification.PolicyBuilder().store(verification.Store([authority]))

    for host in (HOST, "127.0.0.1"):
        builder.build_server_verifier(x509.IPAddress(ipaddress.ip_address(host))).verify(leaf, [])
    with pytest.raises(verification.VerificationError):
        builder.build_server_verifier(x509.IPAddress(ipaddress.ip_address("192.168.1.51"))).verify(leaf, [])


def test_the_authority_may_sign_for_local_names_and_private_networks_only(chain: list[x509.Certificate]) -> None:
    _leaf, authority = chain
    extension = authority.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = list(extension.value.permitted_subtrees or [])
    networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]

    assert extension.critical
    assert {each.value for each in permitted if isinstance(each, x509.DNSName)} == {"localhost", "local"}
    assert networks
    assert all(network.is_private or network.subnet_of(ipaddress.ip_network("100.64.0.0/10")) for network in networks)
    basic = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def test_the_keys_are_their_owners_alone(folder: Path, chain: list[x509.Certificate]) -> None:
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("ca.key", "leaf.key")} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_start_keeps_both(folder: Path, chain: list[x509.Certificate]) -> None:
    assert x509.load_pem_x509_certificates(certificates.ensure(folder, HOST).chain.read_bytes()) == chain


def test_another_address_gets_another_leaf_of_the_same_authority(folder: Path, chain: list[x509.Certificate]) -> None:
    leaf, authority = chain

    other, same = x509.load_pem_x509_certificates(certificates.ensure(folder, "10.0.0.7").chain.read_bytes())

    assert other != leaf
    assert same == authority
    other.verify_directly_issued_by(authority)


def test_a_leaf_that_ends_soon_is_made_again(
    folder: Path, chain: list[x509.Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "LEAF_DAYS", certificates.RENEW_DAYS - 1)
    ending = certificates.ensure(folder, "10.0.0.8").chain.read_bytes()
    monkeypatch.undo()

    assert certificates.ensure(folder, "10.0.0.8").chain.read_bytes() != ending


def test_a_damaged_key_is_replaced(folder: Path, chain: list[x509.Certificate]) -> None:
    (folder / "leaf.key").write_text("damaged")

    certificate = certificates.ensure(folder, HOST)

    assert b"BEGIN PRIVATE KEY" in certificate.key.read_bytes()


@pytest.mark.parametrize("host", ["8.8.8.8", "example.com", "192.168.1.50.example.com", "::1"])
def test_no_certificate_is_made_for_a_public_host(host: str, tmp_path: Path) -> None:
    with pytest.raises(certificates.NotPrivate):
        certificates.ensure(tmp_path, host)
    assert not list(tmp_path.iterdir())
