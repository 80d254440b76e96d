"""What an endpoint says about the models that it serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_MOST_CONTEXT = 1_000_000_000


@dataclass(frozen=True)
class Model:
    """A model in OpenRouter's schema. Only `id` is sure; the rest is empty when the endpoint is silent."""

    id: str
    canonical_slug: str = ""
    name: str = ""
    description: str = ""
    context_length: int | None = None
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    tokenizer: str = ""
    pricing: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    supported_parameters: tuple[str, ...] = ()

    def is_called(self, name: str) -> bool:
        return same_model(self.id, name) or same_model(self.canonical_slug, name)


def same_model(a: str, b: str) -> bool:
    """Whether two spellings name one model: `qwen/qwen-2.5-7b` is `Qwen/Qwen2.5-7B`."""
    return _letters(a) == _letters(b) != ""


def read_models(listing: object) -> tuple[Model, ...]:
    """The models in the answer to `GET /models`; entries without an id are passed over."""
    entries = listing.get("data") if isinstance(listing, dict) else listing
    found = (entry for entry in _items(entries) if isinstance(entry, dict) and _text(entry.get("id")))
    return tuple(_model(entry) for entry in found)


def _model(entry: dict[str, Any]) -> Model:
    shape, pricing = _table(entry.get("architecture")), _table(entry.get("pricing"))
    return Model(
        id=_text(entry.get("id")),
        canonical_slug=_text(entry.get("canonical_slug")),
        name=_text(entry.get("name")),
        description=_text(entry.get("description")),
        context_length=_context(entry),
        input_modalities=_texts(shape.get("input_modalities")),
        output_modalities=_texts(shape.get("output_modalities")),
        tokenizer=_text(shape.get("tokenizer")),
        pricing=MappingProxyType({str(what): str(price) for what, price in pricing.items()}),
        supported_parameters=_texts(entry.get("supported_parameters")),
    )


def _context(entry: dict[str, Any]) -> int | None:
    # OpenRouter and LiteLLM, vLLM, llama.cpp, in this order.
    said = (entry.get("context_length"), entry.get("max_model_len"), _table(entry.get("meta")).get("n_ctx"))
    return next((one for one in said if type(one) is int and 0 < one <= _MOST_CONTEXT), None)


def _letters(name: str) -> str:
    return "".join(one for one in name.lower() if one.isalnum())


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in _items(value) if isinstance(one, str))
