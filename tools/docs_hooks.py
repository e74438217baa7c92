"""What MkDocs calls while it builds the site: an option such as ``--dry-run`` never breaks at its hyphens."""

import re
from typing import Any

_CODE = re.compile(r"(<pre.*?</pre>)|(<code>)(.*?)(</code>)", re.DOTALL)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def on_page_content(html: str, **_: Any) -> str:
    """Return a page in which the options in running text are kept whole; listings, which do not wrap, stay."""
    return _CODE.sub(_kept, html)


def _kept(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    return found[2] + _OPTION.sub(r'<span class="option">\g<0></span>', found[3]) + found[4]
