"""Synthetic faces: subjects, expressions and scenes from seeds, in a dataset's own on-disk layout.

The faces are a stand-in for datasets that cannot be shipped, for the demo, the tests and the benchmarks. Accuracy on
them says nothing about real faces.
"""

from facemotion.demo.layout import NOTICE
from facemotion.demo.layout_affectnet import render_affectnet
from facemotion.demo.layout_ckplus import render_ckplus
from facemotion.demo.layout_mmi import render_mmi
from facemotion.demo.layout_oulu_casia import render_oulu_casia
from facemotion.demo.sequence import render_face

__all__ = ["NOTICE", "render_affectnet", "render_ckplus", "render_face", "render_mmi", "render_oulu_casia"]
