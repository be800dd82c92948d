"""A preprocessor of mdBook: a link that leaves the folder of the books leads into the repository, and nowhere in a book. Its words stay,
the link goes; where the repository has no such file, the build fails."""

import json
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
REPOSITORY = DOCS.parent
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
missing = []


def chapters(items):
    for item in items:
        if isinstance(item, dict) and "Chapter" in item:
            yield item["Chapter"]
            yield from chapters(item["Chapter"]["sub_items"])


def inward(chapter, src):
    def replace(found):
        words, target = found.groups()
        path = target.partition("#")[0]
        if not path or re.match(r"[a-z]+:", path):
            return found.group(0)
        file = (src / chapter["source_path"]).parent.joinpath(path).resolve()
        if file.name.endswith(".zh.md"):
            # It is a chapter of the Chinese book.
            return f"[{words}](zh/{file.name.removesuffix('.zh.md')}.md)"
        if file.is_relative_to(DOCS) and not file.is_dir():
            return found.group(0)
        if not file.is_relative_to(REPOSITORY) or not file.exists():
            missing.append(f"{chapter['source_path']}: there is no {target}")
        return words

    # What stands in a fenced block is no link.
    parts = re.split(r"(^```.*?^```$)", chapter["content"], flags=re.M | re.S)
    return "".join(part if part.startswith("```") else LINK.sub(replace, part) for part in parts)


def main():
    if sys.argv[1:2] == ["supports"]:
        return
    context, book = json.load(sys.stdin)
    src = Path(context["root"], context["config"]["book"]["src"])
    for chapter in chapters(book.get("items") or book.get("sections")):
        if chapter["source_path"]:
            chapter["content"] = inward(chapter, src)
    if missing:
        sys.exit("\n".join(missing))
    json.dump(book, sys.stdout)


main()
