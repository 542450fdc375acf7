"""What kind of institution a written name says it is, where it says so itself."""

from __future__ import annotations

import re
import unicodedata

from harpevents.institutions.models import InstitutionKind

# Words of the name itself, not of something a university runs (a hospital, a press).
_SAID = (
    (
        InstitutionKind.UNIVERSITY,
        r"大学(?!病院|生協|出版|生活協同|入試|コンソーシアム|協会|連合)|大學|대학교"
        r"|\bуниверситет(?:а|е|у|ом)?\b"
        r"|\buniversit(?:y|é|à|ä|ät|at|eit|et)\b(?! (?:press|hospital|clinic))",
    ),
    (
        InstitutionKind.COMPANY,
        r"株式会社|有限会社|合同会社|\((?:株|有)\)|\b(?:ооо|оао|зао|пао|ао)\b"
        r"|\b(?:ltd|inc|llc|gmbh)\b",
    ),
    (
        InstitutionKind.GOVERNMENT,
        r"(?:省|庁|市役所|領事館|大使館)(?:$|\s)"
        r"|^(?:the )?(?:ministry of|embassy of|consulate)\b|^(?:министерств|посольств|консульств)",
    ),
)
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _SAID)


def kind_said(*names: str) -> InstitutionKind | None:
    """The kind that a word of these names gives away, None where no word does."""
    texts = [unicodedata.normalize("NFKC", name).casefold() for name in names if name]
    for kind, pattern in _PATTERNS:
        if any(pattern.search(text) for text in texts):
            return kind
    return None
