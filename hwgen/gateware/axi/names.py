"""Names and widths of AXI's signals, as vendors' tools know them without being told."""

from __future__ import annotations

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hwgen.gateware.axi.registers import ADDRESS_BITS, WORD_BITS

RESULT_BITS = WORD_BITS


def sample_bits(adc_bits: int) -> int:
    """Return the width of TDATA for samples: a power of two, of bytes at least."""
    return max(8, 1 << (adc_bits - 1).bit_length())


def stream_members(adc_bits: int) -> dict[str, wiring.Member]:
    """Return the ports of both streams (Arm IHI 0051)."""
    return {
        "s_axis_tdata": In(sample_bits(adc_bits)),
        "s_axis_tlast": In(1),
        "s_axis_tvalid": In(1),
        "s_axis_tready": Out(1),
        "m_axis_tdata": Out(RESULT_BITS),
        "m_axis_tlast": Out(1),
        "m_axis_tvalid": Out(1),
        "m_axis_tready": In(1),
    }


def lite_members() -> dict[str, wiring.Member]:
    """Return the ports of an AXI4-Lite subordinate (Arm IHI 0022)."""
    return {
        "s_axi_awaddr": In(ADDRESS_BITS),
        "s_axi_awprot": In(3),
        "s_axi_awvalid": In(1),
        "s_axi_awready": Out(1),
        "s_axi_wdata": In(WORD_BITS),
        "s_axi_wstrb": In(WORD_BITS // 8),
        "s_axi_wvalid": In(1),
        "s_axi_wready": Out(1),
        "s_axi_bresp": Out(2),
        "s_axi_bvalid": Out(1),
        "s_axi_bready": In(1),
        "s_axi_araddr": In(ADDRESS_BITS),
        "s_axi_arprot": In(3),
        "s_axi_arvalid": In(1),
        "s_axi_arready": Out(1),
        "s_axi_rdata": Out(WORD_BITS),
        "s_axi_rresp": Out(2),
        "s_axi_rvalid": Out(1),
        "s_axi_rready": In(1),
    }
