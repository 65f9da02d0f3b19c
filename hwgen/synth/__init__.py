"""What the RTL of a pipeline costs by open synthesis, block by block.

Blocks are synthesised alone, at the parameters the generated top gives them; Yosys elaborates the top to say
which. Nothing here knows their sizes.
"""

from hwgen.synth.results import load_results, resource_rows
from hwgen.synth.run import FAMILIES, synthesise
from hwgen.synth.script import family_of

__all__ = ["FAMILIES", "family_of", "load_results", "resource_rows", "synthesise"]
