from tests.integrations.conftest import retailer

__all__ = ["retailer"]
