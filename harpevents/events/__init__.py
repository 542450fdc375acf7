"""Events, their parts and hosts, and who may organise them."""
