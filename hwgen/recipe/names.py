"""Names that end up in C++, Verilog and Tcl."""

from __future__ import annotations

import re

from pydantic_core import PydanticCustomError

_CPP = """alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const
constexpr const_cast continue decltype default delete do double dynamic_cast else enum explicit export extern
false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or
or_eq private protected public register reinterpret_cast return short signed sizeof static static_assert
static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned
using virtual void volatile wchar_t while xor xor_eq std nnet hls main"""
_VERILOG = """always always_comb always_ff always_latch and assign automatic begin bit buf byte case casex casez
cell checker clocking config const constraint context cover cross deassign default defparam design disable edge
endcase endfunction endgenerate endmodule endpackage endtask event expect final first_match force forever fork
function generate genvar import include initial inout input instance integer interface join library local
localparam logic modport module nand negedge nor notif0 notif1 output package packed parameter posedge primitive
priority program property pulldown pullup rand randc ref reg release repeat rnmos rtran sequence shortint
shortreal specify specparam static string strong0 strong1 struct supply0 supply1 table tagged task time timeprecision
timeunit tran tri type unique unsigned use uwire var vectored wait wand weak0 weak1 wire wor"""
_TCL = """after append apply array binary break catch cd chan clock close concat continue dict encoding eof
error eval exec exit expr file flush for foreach format gets glob global if incr info interp join lappend
lindex linsert list llength load lrange lreplace lsearch lset lsort namespace open package pid proc puts pwd
read regexp regsub rename return scan seek set socket source split string subst switch tell time trace unset
update uplevel upvar variable vwait while"""
RESERVED = frozenset((_CPP + " " + _VERILOG + " " + _TCL).split())
_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


def identifier(name: str) -> str:
    """The name as C++, Verilog and Tcl take it."""
    return name.replace("-", "_")


def check_name(name: str) -> str:
    """Returns `name` if every target language takes it.

    Raises:
        PydanticCustomError: it holds other characters, or is a keyword of one of the languages.
    """
    if not _PATTERN.fullmatch(name):
        raise PydanticCustomError(
            "name", "a name starts with a letter and holds letters, digits, _ and - only (at most 63)"
        )
    if identifier(name) in RESERVED or identifier(name).lower() in RESERVED:
        raise PydanticCustomError("name", "this is a keyword of C++, Verilog or Tcl: choose another name")
    return name
