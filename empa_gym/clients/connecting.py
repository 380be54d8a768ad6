"""Clients from settings: one for each model, shared by the roles that use it."""

from __future__ import annotations

from collections.abc import Mapping

from empa_gym.clients.base import ChatClient
from empa_gym.clients.config import ModelConfig
from empa_gym.clients.governor import Governor
from empa_gym.clients.switchboard import Switchboard
from empa_gym.loading import load

TRANSPORTS = {
    "openai": ("empa_gym.clients.openai", "OpenAIClient", ""),
    "fast": ("empa_gym.clients.fast", "FastClient", "fast"),
}


def connect(config: ModelConfig, governor: Governor | None = None) -> ChatClient:
    """The client that the settings ask for; it connects when it is first used.

    Raises:
        MissingExtra: the transport is not installed.
    """
    module, name, extra = TRANSPORTS[config.transport]
    client: ChatClient = getattr(load(module, extra), name)(config, governor)
    return client


def connect_cast(configs: Mapping[str, ModelConfig | None], governor: Governor | None = None) -> Switchboard:
    """One client that serves every role which has a model; roles with equal settings share connections.

    Args:
        configs: by role, as :func:`~empa_gym.clients.config.cast_configs` returns it; None is left out.
        governor: what all of them pass.

    Raises:
        MissingExtra: a transport is not installed.
    """
    made: list[tuple[ModelConfig, ChatClient]] = []
    clients: dict[str, ChatClient] = {}
    for role, config in configs.items():
        if config is None:
            continue
        client = next((client for known, client in made if known == config), None)
        if client is None:
            client = connect(config, governor)
            made.append((config, client))
        clients[role] = client
    return Switchboard(clients)
