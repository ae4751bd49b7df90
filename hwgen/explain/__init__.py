"""What a network looked at: attention of its quadratic neurons, gradients, and their spectra.

All of it is NumPy on the float network, whatever file that came from.
"""

from hwgen.explain.attention import Quadratic, layer_attention, overlap_mean, quadratic_layers, raw
from hwgen.explain.cam import cam_layer, grad_cam
from hwgen.explain.envelope import LINES, envelope_spectrum, fault_lines, map_spectrum, strengths
from hwgen.explain.gradients import gradients
from hwgen.explain.maps import ATTENTION, CAM, GRADIENT, Map, maps_of
from hwgen.explain.places import Axis, axes, resized
from hwgen.explain.target import Target, class_names, seeds, target_of

__all__ = [
    "ATTENTION",
    "CAM",
    "GRADIENT",
    "LINES",
    "Axis",
    "Map",
    "Quadratic",
    "Target",
    "axes",
    "cam_layer",
    "class_names",
    "envelope_spectrum",
    "fault_lines",
    "grad_cam",
    "gradients",
    "layer_attention",
    "map_spectrum",
    "maps_of",
    "overlap_mean",
    "quadratic_layers",
    "raw",
    "resized",
    "seeds",
    "strengths",
    "target_of",
]
