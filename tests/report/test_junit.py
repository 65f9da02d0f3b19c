"""junit.xml: one case per verification key, per block and per check."""

from __future__ import annotations

from xml.etree import ElementTree

from hwgen.report.junit import Case as JunitCase
from hwgen.report.junit import junit_xml
from tests.report.cases import KEYS, Case


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def test_every_comparison_and_check_is_a_case(plain: Case) -> None:
    root = parse(plain.changed(max_drop=100, max_lut=1).files["junit.xml"])
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["hwgen.made_up.verification", "hwgen.made_up.blocks", "hwgen.made_up.checks"]
    names = [case.get("name") for case in suites["hwgen.made_up.verification"]]
    assert names == list(KEYS)
    blocks = [case.get("name") for case in suites["hwgen.made_up.blocks"]]
    assert blocks == [f"{name} against reference" for name in ("stage1", "stage2", "stage3", "kernel")]
    assert [case.get("name") for case in suites["hwgen.made_up.checks"]] == ["max_drop", "max_lut"]
    assert root.get("tests") == "11"
    assert root.get("failures") == "1"


def test_counts_agree_with_the_cases(case: Case) -> None:
    for node in (root := parse(case.files["junit.xml"]), *root):
        assert int(node.get("tests", "")) == len(node.findall(".//testcase"))
        assert int(node.get("failures", "")) == len(node.findall(".//failure")) == 0
        assert int(node.get("skipped", "")) == len(node.findall(".//skipped"))


def test_a_mismatch_fails_its_key_and_its_block(plain: Case) -> None:
    zero = dict.fromkeys(KEYS, 0)
    changed = plain.changed(
        {
            "mismatches": zero | {"logits": 7},
            "by_block": [{"block": "stage2", "against": "reference", "mismatches": zero | {"logits": 7}}],
        }
    )
    root = parse(changed.files["junit.xml"])
    failed = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed == ["logits", "stage2 against reference"]
    assert not changed.report["verdict"]["passed"]
    assert "Failed" in changed.files["report.html"]


def test_qkeras_that_was_not_asked_is_skipped_with_the_reason(plain: Case) -> None:
    root = parse(
        plain.changed({"qkeras": {"samples": 0, "reason": "TensorFlow is <missing>"}}).files["junit.xml"]
    )
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "TensorFlow is <missing>"


def test_text_is_escaped_and_control_characters_do_not_break_the_document() -> None:
    root = parse(junit_xml("a<b>&\"'\x00", [JunitCase("s", "n\x1b[0m ]]> ü", "<&>\x07")]))
    (case,) = root.iter("testcase")
    assert case.get("name") == "n?[0m ]]> ü"
    assert case.find("failure").get("message") == "<&>?"  # type: ignore[union-attr]


def test_no_date_no_host_no_absolute_path(case: Case) -> None:
    text = case.files["junit.xml"]
    assert "timestamp" not in text
    assert "hostname" not in text
    assert '"/' not in text
