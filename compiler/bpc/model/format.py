"""What texts look like, in words: said to people in place of a regular expression."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True, slots=True)
class Format:
    """The name of a form of text, such as `a duration`, and what to use to meet it.

    Editors get both as `patternErrorMessage`, which yaml-language-server prints in place of the pattern.
    """

    name: str
    use: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"patternErrorMessage": f"{self.name} is {self.use}"}
