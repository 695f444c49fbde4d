"""The language server: what an editor is told of an open config. pygls and the protocol's types stay in `serve.py` and `protocol.py`."""
