"""What makes a report unusable is said: the file, what is wrong with it, what to do."""

from __future__ import annotations

import pytest

from hwgen.errors import ExitCode, ReportError
from hwgen.vendor.reports import parse_report
from hwgen.vendor.reports.csynth import parse_csynth
from tests.vendor import written
from tests.vendor.test_reports import EARLIER

WRONG = {
    "the best latency is above the worst": written.csynth(latency=(12, 10)),
    "LUT is '1e3', not a count": written.csynth(resources={"LUT": "1e3"}),
    "DSP and DSP48E differ": written.csynth(resources={"LUT": 1, "DSP": 3, "DSP48E": 4}),
    "holds no resources": written.csynth(resources={}),
    "is of version 2017.4, which is older than 2018.1": written.csynth(version="2017.4"),
    "version 'two'": written.csynth(version="two"),
    "is of version 2016.3": written.utilisation(version="2016.3"),
    "is of a part of the design": written.utilisation().replace(
        "-file x.rpt", "-cells [get_cells a] -file x.rpt"
    ),
    "no title 'Power Report'": written.power().split("Power Report")[0],
    "no title 'Timing Summary Report'": written.timing().split("Timing Summary Report")[0],
    "no title 'Utilization Design Information'": written.utilisation().split("Utilization Design")[0],
    "a path has no end": written.timing().replace("   slack   ", "   "),
    "no power by component, or none by instance": written.power().rsplit("\n+-", 3)[0],
    "bram_18k is 3.4, not whole": written.utilisation(tiles="1.7"),
    "does not say in which state": written.utilisation(state=""),
    "it says that constraints are met, and counts": written.timing("-0.1", "-0.4", 4, met=True),
    "worst and total slack of setup and its count": written.timing(failing=4),
    "CLB LUTs: 9526 of 230400 is not 0.66 %": written.utilisation().replace(" 1526 ", " 9526 ", 1),
    "the LUTs of top do not add up": written.hierarchy([("top", "(top)", 9, 8, 0, 0, 12, 2, 3, 7)]),
    "ff: 71775 of 106400 is not 68 %": EARLIER.replace("      67|", "      68|"),
    "do not make 0.9": written.power(total="0.900"),
    "a minimum is above its maximum": written.cosim(latency=(15, 12, 10)),
    "the row of Verilog": written.cosim(verilog="Maybe"),
    "is no csynth.xml": "<profile>\n<AreaReport/>\n</profile>",
    "is no report that is known here": "<!DOCTYPE a [<!ENTITY b 'c'>]><profile>&b;</profile>",
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_is_named(message: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse_report(WRONG[message], "folder/a.rpt")
    assert message in str(caught.value) and str(caught.value).startswith("folder/a.rpt: ")
    assert caught.value.exit_code == ExitCode.USAGE and caught.value.remedy


def test_entities_are_not_expanded() -> None:
    with pytest.raises(ReportError, match="is no csynth.xml"):
        parse_csynth("<profile><!ENTITY b 'c'></profile>")
