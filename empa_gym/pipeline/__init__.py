"""Real-to-Sim: from a user's own transcripts to scenarios, without anybody's identifying detail."""

from empa_gym.pipeline.cards import dataset_card
from empa_gym.pipeline.details import Detail, Found
from empa_gym.pipeline.distilling import Distiller
from empa_gym.pipeline.screening import Screened, Tally, Verdict, screen
from empa_gym.pipeline.scrubbing import Scrubbed, scrub
from empa_gym.pipeline.transcripts import Line, Transcript, read_transcripts

__all__ = [
    "Detail",
    "Distiller",
    "Found",
    "Line",
    "Screened",
    "Scrubbed",
    "Tally",
    "Transcript",
    "Verdict",
    "dataset_card",
    "read_transcripts",
    "screen",
    "scrub",
]
