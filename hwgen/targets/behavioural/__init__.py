"""No chip at all: behavioural cells, for simulation, for export, and for inference by any tool."""

from hwgen.targets.behavioural.target import Behavioural

TARGET = Behavioural()
