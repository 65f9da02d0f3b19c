"""RTL: plans the SystemVerilog of gates, stages and the pipeline around them."""
