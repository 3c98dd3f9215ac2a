"""The tasks that `cardshop train` knows, by the name that a person types."""

from cardshop.training.tasks.card_types import CardTypes
from cardshop.training.tasks.churn import Churn
from cardshop.training.tasks.prices import Prices
from cardshop.training.tasks.task import Task

TASKS: dict[str, Task] = {"type": CardTypes(), "price": Prices(), "churn": Churn()}
