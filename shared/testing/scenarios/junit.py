"""A report as CI reads it: JUnit's XML, one test case a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from shared.testing.scenarios.running import Outcome


def report(outcomes: Sequence[Outcome]) -> bytes:
    """The report of a run, UTF-8."""
    failed = sum(1 for each in outcomes if each.why)
    took_s = sum(each.took_s for each in outcomes)
    counts = {"tests": str(len(outcomes)), "failures": str(failed), "errors": "0", "time": f"{took_s:.3f}"}
    top = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(top, "testsuite", {"name": "saoma scenarios", "skipped": "0", **counts})
    for each in outcomes:
        place = {"classname": each.file.stem, "name": _plain(each.name), "file": str(each.file)}
        case = ElementTree.SubElement(suite, "testcase", {**place, "time": f"{each.took_s:.3f}"})
        if each.why:
            first, told = each.why.splitlines()[0], f"{each.file}:{each.line}: {each.why}"
            failure = ElementTree.SubElement(case, "failure", {"message": _plain(first), "type": "scenario"})
            failure.text = _plain(told)
    ElementTree.indent(top)
    return bytes(ElementTree.tostring(top, encoding="utf-8", xml_declaration=True))


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(letter if letter >= " " or letter in "\t\n" else "\ufffd" for letter in text)
