"""Follows every link of built books: to pages, files and anchors. Usage: book.py FOLDER"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

ROOT = Path(sys.argv[1]).resolve()
# What is loaded by the page itself, where a link of the reader's is only a link.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.update(filter(None, (attributes.get("id"), attributes.get("name"))))
        for name in ("href", "src"):
            if attributes.get(name):
                self.links.append((attributes[name], LOADED.get(tag) == name))


pages = {path: Page(path) for path in sorted(ROOT.rglob("*.html"))}
wrong, followed = [], 0
for path, page in pages.items():
    # Not found is shown at any address, and all in one page repeats the others.
    if path.name in ("404.html", "print.html", "toc.html"):
        continue
    for link, loaded in page.links:
        at = f"{path.relative_to(ROOT)}: {link}"
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            if loaded and parts.scheme != "data":
                wrong.append(f"{at} is loaded from elsewhere")
            continue
        followed += 1
        target, anchor = urldefrag(link)
        file = (path.parent / unquote(target)).resolve() if target else path
        if file.is_dir():
            file /= "index.html"
        if not file.is_relative_to(ROOT) or not file.is_file():
            wrong.append(f"{at} leads nowhere")
        elif anchor and file in pages and unquote(anchor) not in pages[file].anchors:
            wrong.append(f"{at} names an anchor that is not there")
print(f"book: {len(pages)} pages, {followed} links followed")
if wrong or not followed:
    sys.exit("\n".join(wrong) or "book: no link was found")
