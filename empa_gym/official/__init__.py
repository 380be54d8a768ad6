"""The files of the public EMPA benchmark."""

from empa_gym.official.results import DialogueResult, ModelResults, read_result, read_results, replay, result_files

__all__ = ["DialogueResult", "ModelResults", "read_result", "read_results", "replay", "result_files"]
