"""What a module is made of, read from the text of the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwgen.errors import UsageError
from hwgen.synth import family_of
from hwgen.synth.sources import Sources

FILES = {
    "rtl/sizes_pkg.sv": "package sizes_pkg; localparam int N = 3; endpackage\n",
    "rtl/leaf.sv": "// leaf: no need of other.sv or `other`\nmodule leaf #(parameter int W = 1, localparam int V = W + 1,\n"
    "    X = 2, parameter logic [W:0] INIT = {W{1'b0}}, DEPTH = (1 + 2)) (input wire clk);\nendmodule\n",
    "rtl/other.sv": "module other (input wire clk); parameter int INSIDE = 1; endmodule\n",
    "rtl/top.sv": "module top (input wire clk); import sizes_pkg::*; leaf #(.W(N)) leaf_i (.clk); endmodule\n",
}


def write(folder: Path, files: dict[str, str] = FILES) -> Sources:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "sources.f").write_text("".join(f"{name}\n" for name in files))
    return Sources.of(folder)


def test_a_module_needs_what_its_text_names(tmp_path: Path) -> None:
    sources = write(tmp_path)
    assert [file.name for file in sources.needed("top")] == ["sizes_pkg.sv", "leaf.sv", "top.sv"]
    assert [file.name for file in sources.needed("leaf")] == ["leaf.sv"]


def test_parameters_are_those_an_instance_can_set(tmp_path: Path) -> None:
    sources = write(tmp_path)
    assert sources.parameters("leaf") == ["W", "INIT", "DEPTH"]
    assert sources.parameters("top") == sources.parameters("other") == []


def test_comments_and_places_do_not_count_but_code_does(tmp_path: Path) -> None:
    plain = write(tmp_path / "a")
    told = write(tmp_path / "b", FILES | {"rtl/leaf.sv": "/* new\nwords */\n" + FILES["rtl/leaf.sv"]})
    assert told.sha256_of("top") == plain.sha256_of("top")
    assert told.sha256 != plain.sha256
    changed = write(tmp_path / "c", FILES | {"rtl/leaf.sv": FILES["rtl/leaf.sv"].replace("1'b0", "1'b1")})
    assert changed.sha256_of("top") != plain.sha256_of("top")
    assert changed.sha256_of("other") == plain.sha256_of("other")


def test_text_in_quotes_is_no_comment(tmp_path: Path) -> None:
    first = write(tmp_path / "a", {"rtl/a.sv": 'module a; initial $display("x // y"); endmodule\n'})
    second = write(tmp_path / "b", {"rtl/a.sv": 'module a; initial $display("x // z"); endmodule\n'})
    assert first.sha256_of("a") != second.sha256_of("a")


def test_lists_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sources.f: cannot be read"):
        Sources.of(tmp_path)
    write(tmp_path)
    (tmp_path / "rtl/leaf.sv").unlink()
    with pytest.raises(UsageError, match="leaf.sv: is named in sources.f but not there"):
        Sources.of(tmp_path)
    (tmp_path / "sources.f").write_text("")
    with pytest.raises(UsageError, match="names no RTL"):
        Sources.of(tmp_path)


@pytest.mark.parametrize(
    ("part", "family"),
    [
        ("xc7z020clg400-1", "xc7"),
        ("XC7A35T-1CPG236C", "xc7"),
        ("xcku040-ffva1156-2-e", "xcu"),
        ("xcvu095-ffva2104-2-e", "xcu"),
        ("xcku5p-ffvb676-2-e", "xcup"),
        ("xcvu13p-flga2577-2-e", "xcup"),
        ("xczu3eg-sbva484-1-e", "xcup"),
        ("xcu250-figd2104-2L-e", "xcup"),
    ],
)
def test_the_family_of_a_part(part: str, family: str) -> None:
    assert family_of(part) == family
