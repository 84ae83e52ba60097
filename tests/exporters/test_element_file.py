from __future__ import annotations

import pytest

from tidegauge.exporters.element_file import elements_from_text

HEADING = "enterprise,id,name,type\n"


def test_elements_are_read_with_remarks_between() -> None:
    text = f"# ours\n{HEADING}\n64500, 1, acmeRule, string\n# more\n0,40200,acmeOfV9,unsigned8\n"
    assert elements_from_text(text) == [(64500, 1, "acmeRule", "string"), (0, 40200, "acmeOfV9", "unsigned8")]
    assert elements_from_text("") == elements_from_text(HEADING) == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("64500,1,acmeRule", "line 2: 3 values where enterprise,id,name,type are 4"),
        ("acme,1,acmeRule,string", "line 2: enterprise 'acme' is no number from 0 to 4294967295"),
        ("64500,-1,acmeRule,string", "line 2: id '-1' is no number from 0 to 65535"),
        (
            "64500,32768,acmeRule,string",
            "line 2: id 32768 is beyond 32767; a type of NetFlow v9 is of enterprise 0",
        ),
        (
            "0,4,mine,unsigned8",
            "line 2: 0:4 is protocolIdentifier and keeps its meaning; give an element of your own",
        ),
        ("32473,3,mine,unsigned8", "line 2: 32473:3 is tidegaugeTcpRtt and keeps its meaning"),
        ("29305,4,mine,unsigned8", "line 2: 29305 stands for IANA's elements in the opposite direction"),
        ("64500,1,octetDeltaCount,unsigned8", "line 2: 'octetDeltaCount' is no name for it"),
        ("64500,1,my rule,string", "line 2: 'my rule' is no name for it; take a word of letters and digits"),
        ("64500,1,acmeRule,unsigned46", "line 2: there is no type 'unsigned46'; perhaps unsigned"),
        ("64500,1,acmeRule,zip", "line 2: there is no type 'zip'; write one of octetArray, unsigned8, "),
        (
            "64500,1,a,string\n64500,1,b,string",
            "line 3: 64500:1 stands in line 2 already; take one of them out",
        ),
        ("64500,1,a,string\n64500,2,a,string", "line 3: a stands in line 2 already; take one of them out"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="line") as caught:
        elements_from_text(HEADING + line)
    assert str(caught.value).startswith(complaint)


def test_a_file_of_something_else_is_told_how_to_begin() -> None:
    with pytest.raises(ValueError, match="line 1: begin with the line enterprise,id,name,type"):
        elements_from_text("64500,1,acmeRule,string\n")
