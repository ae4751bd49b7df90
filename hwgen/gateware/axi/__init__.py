"""An accelerator behind AXI: samples and results as AXI4-Stream, registers as AXI4-Lite."""
