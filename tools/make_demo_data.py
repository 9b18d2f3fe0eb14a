"""Writes resources/demo/*.ndjson.gz: the demo family, the same bytes every time.

    python tools/make_demo_data.py [FOLDER]

Only the standard library is used. The stories are in tools/demo_data/.
"""

import gzip
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from demo_data import ana, clinic, leo, mina, tomas
from demo_data.build import Resource

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "resources" / "demo"


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    place = clinic.build()
    write(folder, "clinic", place.records.all)
    for story in (mina, ana, tomas, leo):
        life = story.build(place)
        write(folder, life.records.prefix, life.records.all)


def write(folder: pathlib.Path, name: str, resources: list[Resource]) -> None:
    lines = (json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n" for resource in resources)
    (folder / f"{name}.ndjson.gz").write_bytes(gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
