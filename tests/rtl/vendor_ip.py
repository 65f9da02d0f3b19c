"""Stand-ins for vendor IPs: ports and manners of the real ones, the stage's compiled C++ inside.

Streams of an IP with one per element take and give their elements at different times, so does ap_vld; a stream of
features or embedding that is made to wait stops the simulation.
"""

from __future__ import annotations

from hwgen.rtl.core import Core
from hwgen.rtl.vendor import Lane, Port

_CONTROL = "input wire logic ap_clk, {reset}, ap_start, output logic ap_done, ap_ready, ap_idle"


def _declared(port: Port, lane: Lane, io: str, output: bool) -> str:
    into, out = ("output logic", "input wire logic") if output else ("input wire logic", "output logic")
    if io == "stream":
        return f"{into} [{lane.bits - 1}:0] {lane.name}_TDATA, {into} {lane.name}_TVALID, {out} {lane.name}_TREADY"
    return f"{into} [{lane.bits - 1}:0] {lane.name}, {into} {lane.name}_ap_vld"


def _header(stage: str, ports: tuple[Port, ...], io: str) -> str:
    reset = "ap_rst_n" if io == "stream" else "ap_rst"
    declared = [
        _declared(port, lane, io, index > 0) for index, port in enumerate(ports) for lane in port.lanes
    ]
    return f"module {stage}_ip ({_CONTROL.format(reset=reset)},\n" + ",\n".join(declared) + "\n);\n"


def empty_ip(stage: str, ports: tuple[Port, ...], io: str) -> str:
    """An IP without contents, for lint."""
    lines = ["assign {ap_done, ap_ready, ap_idle} = '0;"]
    names = []
    for index, port in enumerate(ports):
        for lane in port.lanes:
            if io == "stream":
                out = [f"{lane.name}_TDATA", f"{lane.name}_TVALID"]
                back = [f"{lane.name}_TREADY"]
            else:
                out, back = [lane.name, f"{lane.name}_ap_vld"], []
            driven, read = (out, back) if index else (back, out)
            lines += [f"assign {name} = '0;" for name in driven]
            names += read
    reset = "ap_rst_n" if io == "stream" else "ap_rst"
    lines.append(f"logic unused; assign unused = &{{ap_clk, {reset}, ap_start, {', '.join(names)}}};")
    return _header(stage, ports, io) + "\n".join(lines) + "\nendmodule\n"


def native_core(core: Core, ports: tuple[Port, ...]) -> Core:
    """The core with the beats of the IP itself."""
    features = next((port for port in ports if port.signal == "features"), None)
    return Core(
        core.stage,
        core.last,
        in_beats=ports[0].beats,
        in_bits=ports[0].beat_bits,
        feature_beats=features.beats if features else 0,
        feature_bits=features.beat_bits if features else 0,
        z_bits=core.z_bits,
        interval=core.interval,
        feature_cycles=max(core.feature_cycles, ports[0].beats),
        logit_cycles=max(core.logit_cycles, ports[0].beats),
        source=core.source,
    )


def _elements(port: Port, lane: Lane, bus: str, into_bus: bool) -> list[str]:
    lines = []
    for place, element in enumerate(lane.elements):
        part = f"{bus}[{element * port.width}+:{port.width}]"
        word = f"{lane.name}_word[{place * lane.stride}+:{port.width}]"
        lines.append(f"assign {part} = {word};" if into_bus else f"assign {word} = {part};")
        if not into_bus and lane.stride > port.width:  # what no one may look at
            high = f"{lane.name}_word[{place * lane.stride + port.width}+:{lane.stride - port.width}]"
            lines.append(f"assign {high} = '1;")
    return lines


def _stream(ports: tuple[Port, ...]) -> list[str]:
    lines = ["logic rst_n; assign rst_n = ap_rst_n;", "assign {ap_done, ap_ready, ap_idle} = '0;"]
    lines += ["logic [7:0] turn; always_ff @(posedge ap_clk) turn <= ap_rst_n ? turn + 8'd1 : 8'd0;"]
    for index, port in enumerate(ports):
        count = len(port.lanes)
        lines.append(f"logic [{count - 1}:0] {port.signal}_has, {port.signal}_gets;")
        for number, lane in enumerate(port.lanes):
            name = lane.name
            lines.append(
                f"logic [{lane.bits - 1}:0] {name}_word; logic {name}_room; logic [2:0] {name}_count;"
            )
            fifo = (
                f"hwgen_fifo #(.WIDTH({lane.bits}), .DEPTH(4)) {name}_fifo (.clk(ap_clk), .rst_n, .fault(), "
            )
            # Lanes go their own ways: each rests in another cycle of three.
            rests = f"turn % 8'd3 == 8'd{number % 3}" if count > 1 else "1'b0"
            if index == 0:
                lines += [
                    f"assign {name}_TREADY = {name}_room & ~({rests});",
                    f"{fifo}.s_valid({name}_TVALID & {name}_TREADY), .s_ready({name}_room), .s_data({name}_TDATA),"
                    f" .m_valid({port.signal}_has[{number}]), .m_ready(model_s_valid & model_s_ready),"
                    f" .m_data({name}_word), .count({name}_count));",
                ]
            else:
                lines += [
                    f"assign {port.signal}_gets[{number}] = {name}_room;",
                    f"{fifo}.s_valid({port.signal}_push), .s_ready({name}_room), .s_data({name}_word),"
                    f" .m_valid({name}_TVALID), .m_ready({name}_TREADY), .m_data({name}_TDATA), .count({name}_count));",
                ]
                if port.signal != "logits":
                    lines.append(
                        f"always_ff @(posedge ap_clk) if (rst_n && {port.signal}_push && !{name}_room)"
                        ' begin $display("features had to wait"); $stop; end'
                    )
            lines += _elements(port, lane, port.signal, index == 0)
    lines.append(f"assign {ports[0].signal}_gets = '0; assign model_s_valid = &source_has;")
    for port in ports[1:]:
        lines.append(f"assign {port.signal}_has = '0;")
    lines.append("assign features_push = model_f_valid;" if len(ports) > 2 else "")
    lines.append("assign model_z_ready = &logits_gets; assign logits_push = model_z_valid & model_z_ready;")
    return lines


def _parallel(ports: tuple[Port, ...]) -> list[str]:
    lines = ["logic rst_n; assign rst_n = ~ap_rst; assign {ap_done, ap_idle} = '0;"]
    argument = ports[0].lanes[0].name
    lines += [
        f"assign model_s_valid = ap_start & {argument}_ap_vld; assign source = {argument};",
        "assign ap_ready = model_s_valid & model_s_ready; assign model_z_ready = 1'b1;",
        "assign logits_push = model_z_valid;",
    ]
    for port in ports[1:]:
        if port.signal == "features":
            lines.append("assign features_push = model_f_valid;")
        for number, lane in enumerate(port.lanes):
            late, name = number % 3 + 1, lane.name
            bits = port.width + 1
            lines += [
                f"logic [{late * bits - 1}:0] {name}_late;",
                f"always_ff @(posedge ap_clk) {name}_late <= rst_n ? {late * bits}'({{{name}_late,"
                f" {port.signal}_push, {port.signal}[{number * port.width}+:{port.width}]}}) : '0;",
                f"assign {{{name}_ap_vld, {name}}} = {name}_late[{late * bits - 1}-:{bits}];",
            ]
    return lines


def stand_in(core: Core, ports: tuple[Port, ...], io: str) -> str:
    """An IP that answers: `<stage>_ip` around a model `<stage>_model`, without an embedding of its own."""
    lines = [f"logic [{port.beat_bits - 1}:0] {port.signal}; logic {port.signal}_push;" for port in ports]
    lines += ["logic model_s_valid, model_s_ready, model_z_valid, model_z_ready, model_f_valid, model_busy;"]
    lines += [f"logic [{core.z_bits - 1}:0] model_z;", "assign source_push = 1'b0;"]
    lines.append(f"assign logits = model_z[{ports[-1].beat_bits - 1}:0];")
    lines += _stream(ports) if io == "stream" else _parallel(ports)
    feature = "" if core.last else ".f_valid(model_f_valid), .f_data(features), "
    lines.append(
        f"{core.stage}_model model (.clk(ap_clk), .rst_n, .s_valid(model_s_valid), .s_ready(model_s_ready),"
        f" .s_data(source), {feature}.z_valid(model_z_valid), .z_ready(model_z_ready), .z_data(model_z),"
        " .busy(model_busy), .fault());"
    )
    if core.last:
        lines.append("assign model_f_valid = 1'b0;")
    return _header(core.stage, ports, io) + "\n".join(lines) + "\nendmodule\n"
