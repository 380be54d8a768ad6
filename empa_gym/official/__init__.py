"""The files of the public EMPA benchmark."""

from empa_gym.official.cards import Card, read_card
from empa_gym.official.cards_folder import OfficialScenarios, official
from empa_gym.official.results import DialogueResult, ModelResults, read_result, read_results, replay, result_files

__all__ = [
    "Card",
    "DialogueResult",
    "ModelResults",
    "OfficialScenarios",
    "official",
    "read_card",
    "read_result",
    "read_results",
    "replay",
    "result_files",
]
