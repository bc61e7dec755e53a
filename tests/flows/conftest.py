"""For tests that call the command within this process."""

import pandas  # noqa: F401 - the command keeps pandas out of its process, and with it out of pyarrow; other tests here need both
