"""report.html: self-contained, complete, the same bytes every time."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from hwgen.report.figures.canvas import TOKENS
from tests import networks
from tests.report.cases import Case, build, made

VOID = {"meta", "br", "use", "path", "rect", "line", "circle"}


class Page(HTMLParser):
    """Collects what the tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_comes_from_outside(case: Case) -> None:
    text = case.files["report.html"]
    assert "http" not in text
    assert "@import" not in text
    page = Page(text)
    assert page.open == []
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed"}
    for _, attributes in page.tags:
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for value in filter(None, (attributes.get("href"), attributes.get("xlink:href"))):
            assert value.startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))


def test_ids_are_unique_and_every_reference_finds_its_target(case: Case) -> None:
    text = case.files["report.html"]
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', text)) | set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)


def test_pictures_take_the_colours_of_the_page_and_have_a_description(case: Case) -> None:
    text = case.files["report.html"]
    assert not any(colour in text for colour in TOKENS.values())
    defined = set(re.findall(r"--([a-z0-9]+):", text))
    assert set(re.findall(r"var\(--([a-z0-9]+)\)", text)) <= defined
    figures = [attributes for tag, attributes in Page(text).tags if tag == "figure"]
    assert len(figures) >= 4
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in figures)


@pytest.mark.parametrize(
    ("name", "histograms", "pictures"),
    [("one stage", 1, 8), ("three stages", 3, 15), ("five stages, 26 classes", 5, 19)],
)
def test_each_exit_has_its_histogram(name: str, histograms: int, pictures: int) -> None:
    text = made(name).files["report.html"]
    assert text.count('aria-label="Histogram of the confidence') == histograms
    assert text.count("<figure") == pictures


def test_reliability_out_of_distribution_and_corruption_pictures() -> None:
    def labels(name: str) -> list[str]:
        return re.findall(r'<figure role="img" aria-label="([^"]*)"', made(name).files["report.html"])

    shown = labels("images, abstention")
    assert sum(label.startswith("Reliability diagram of") for label in shown) == 3, (
        "two exits and the network"
    )
    assert sum(label.startswith("Out-of-distribution histogram") for label in shown) == 3
    assert sum(label.startswith("Risk-coverage curves") for label in shown) == 1
    (corrupted,) = [
        label for label in labels("images, corrupted") if label.startswith("Accuracy and MACs saved on 40")
    ]
    assert "gaussian_noise, blur, contrast, brightness, pixelate" in corrupted


def test_names_of_classes_are_escaped() -> None:
    text = made("five stages, 26 classes").files["report.html"]
    assert "letter <" not in text
    assert "letter &lt;" in text


def test_every_section_is_there(case: Case) -> None:
    text = Page(case.files["report.html"]).text
    for heading in (
        "Accuracy against work", "Where samples leave", "Exits", "How far to trust an answer", "Mistakes", "Latency", "Verification",
        "Overflow audit", "Network and data", "Where every number comes from",
    ):  # fmt: skip
        assert heading in text
    assert ("Samples of no class" in text) == (case.report["ood"] is not None)
    assert ("Corrupted images" in text) == (case.report["corruptions"] is not None)
    assert "estimate" in text
    for line in case.report["warnings"]:
        assert " ".join(line.split()) in " ".join(text.split())


def test_same_inputs_same_bytes() -> None:
    first, second = (build(networks.images()).files for _ in range(2))
    assert first == second
    assert sorted(first) == ["junit.xml", "report.html", "report.json"]


def test_no_date_and_no_path_of_this_machine(case: Case) -> None:
    for text in case.files.values():
        assert not re.search(r"20\d\d-\d\d-\d\d", text)
        assert "/home" not in text
        assert "/tmp" not in text


def test_size_does_not_grow_with_the_test_split() -> None:
    small, large = (build(networks.tabular(), tests=count).files["report.html"] for count in (300, 20_000))
    assert len(large) < 2 * len(small)
    assert np.isfinite(len(large))
