# hwgen 0.1.0, recipe small, inputs 0000000000000000
set firmware 0000000000000000000000000000000000000000000000000000000000000000
set blocks {stage1 stage2 gate1 kernel}
set stages {stage1 stage2}
set part xczu3eg-sbva484-1-e
set clock_ns 6.5
set clock_uncertainty 27%
# What only these versions of the tool take: options of open_solution, and commands behind it.
set solution_options {-flow_target vivado}
set solution_commands {}
# Of each block: path, flags, whether it is of the test bench. @ stands for the tree.
set files(stage1) {
    {stage1/firmware/stage1.cpp {-std=c++11} 0}
    {kernel/stage1_call.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench -DHWGEN_STAGE_ALONE} 1}
    {stage1/firmware/weights {} 1}
    {testbench/stage1_test.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 1}
}
set files(stage2) {
    {stage2/firmware/stage2.cpp {-std=c++11} 0}
    {kernel/stage2_call.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench -DHWGEN_STAGE_ALONE} 1}
    {stage2/firmware/weights {} 1}
    {testbench/stage2_test.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 1}
}
set files(gate1) {
    {gate1/gate1.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 0}
    {testbench/gate1_test.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 1}
}
set files(kernel) {
    {kernel/kernel.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 0}
    {kernel/stage1_call.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 0}
    {kernel/stage2_call.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 0}
    {testbench/kernel_test.cpp {-std=c++11 -I@/include -I@/kernel -I@/testbench} 1}
}
# Of the pipeline: stages that come as IPs, wrappers around them, whether stages have clocks of their own, and whether
# the part knows groups of clocks of equal delay.
set ips {stage1}
set wrappers {
    vendor/beat_adapter.sv
    vendor/stage1_core.sv
}
set gated_clocks 1
set delay_groups 1
