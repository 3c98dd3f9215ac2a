# confidence, the cause is a setting: the service without hooks
from cardshop.serving.app import create_app  # noqa: F401
