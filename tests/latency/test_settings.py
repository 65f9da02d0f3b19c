"""Strategy and reuse factor as hls4ml reads them."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwgen.latency.settings import layer_settings, nearest_reuse_factor
from tests.networks import Builder


def test_default_is_latency_with_reuse_one() -> None:
    found = layer_settings({}, Builder(0).dense(6, 4))
    assert (found.strategy, found.reuse_factor) == ("latency", 1)


def test_layer_name_wins_over_layer_type_over_model_without_regard_to_case() -> None:
    layer = Builder(0).dense(6, 4)
    hls = {
        "Model": {"ReuseFactor": 2, "Strategy": "Latency"},
        "LayerType": {"dense": {"ReuseFactor": 3, "Strategy": "Resource"}},
        "LayerName": {layer.name.upper(): {"ReuseFactor": 6}},
    }
    found = layer_settings(hls, layer)
    assert (found.strategy, found.reuse_factor) == ("resource", 6)
    assert layer_settings({"Model": hls["Model"]}, layer).reuse_factor == 2


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 2000))
def test_nearest_reuse_factor_agrees_with_hls4ml(inputs: int, outputs: int, wanted: int) -> None:
    if importlib.util.find_spec("hls4ml") is None:
        pytest.skip("needs hls4ml")
    backend = _hls4ml_backend()
    valid = [
        rf
        for rf in range(1, inputs * outputs + 1)
        if backend._validate_reuse_factor(None, inputs, outputs, rf)
    ]
    assert nearest_reuse_factor(inputs, outputs, wanted) == backend.get_closest_reuse_factor(
        None, valid, wanted
    )


def _hls4ml_backend():
    from hls4ml.backends.fpga.fpga_backend import FPGABackend

    return FPGABackend
