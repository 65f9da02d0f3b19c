"""The verbs train, calibrate, generate, simulate, report and run, each resuming from what is there.

Every step has a key, the hash of all its inputs, stored beside its outputs. Equal key, outputs
there: nothing is done. Outputs are whole or absent, so a killed run is resumed by the next one.
"""

from hwgen.steps.job import Job, Listener, StepResult
from hwgen.steps.verbs import VERBS, open_job, run_verb

__all__ = ["VERBS", "Job", "Listener", "StepResult", "open_job", "run_verb"]
