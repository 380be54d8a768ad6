"""Clients that answer a ChatRequest: any OpenAI-compatible endpoint, a script, one for each role."""

from empa_gym.clients.base import ChatClient as ChatClient
from empa_gym.clients.base import complete_many as complete_many
from empa_gym.clients.config import ModelConfig as ModelConfig
from empa_gym.clients.config import Prices as Prices
from empa_gym.clients.config import cast_configs as cast_configs
from empa_gym.clients.config import model_config as model_config
from empa_gym.clients.connecting import connect as connect
from empa_gym.clients.connecting import connect_cast as connect_cast
from empa_gym.clients.governor import Governor as Governor
from empa_gym.clients.ledger import Spending as Spending
from empa_gym.clients.limits import Limits as Limits
from empa_gym.clients.scripted import ScriptedClient as ScriptedClient
from empa_gym.clients.switchboard import Switchboard as Switchboard
from empa_gym.clients.tape import Tape as Tape
