"""What JUnit documents share: clean text, and sums over the test cases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, indent, tostring

_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SUMS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def cleaned(text: str) -> str:
    """Text without the characters that XML does not know."""
    return _CONTROL.sub("?", text)


def junit_document(name: str, suites: Sequence[Element]) -> str:
    """Suites with their sums, as a document. A suite without a time took none."""
    root = Element("testsuites", name=cleaned(name))
    for suite in suites:
        for attribute, tag in _SUMS.items():
            suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
        suite.set("time", suite.get("time", "0.000"))
        root.append(suite)
    for attribute in ("tests", "failures", "errors"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}")
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"
