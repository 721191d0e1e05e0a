#!/usr/bin/env python3
"""Draws demo/images from the emoji of the npm package `fluentui-emoji`.

    npm pack fluentui-emoji@1.3.0 && tar xzf fluentui-emoji-1.3.0.tgz
    python3 demo/pictures.py package/icons/modern

Needs Pillow, and Chromium at $CHROMIUM or /usr/bin/chromium. Draws the pictures that are missing.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from make import HERE, picture, products
from PIL import Image

SIDE, COLUMNS, ROWS = 800, 4, 4
CELL = """<div style="background:radial-gradient(circle at 50% 42%, #fff, {background} 62%)">
<img src="{icon}" style="filter:{tint} drop-shadow(0 22px 20px rgb(60 50 40 / .22))"></div>"""
# Drawn in light colours already: brightened less.
PALE = {"CUP", "SAKE", "JAR", "PLATE", "LIGHT", "MIRROR", "CLIP", "FLASH", "VASE", "RULER", "MUG", "MAGN", "POUCH", "CAL"}
TINT = "grayscale(1) brightness({2}%) sepia(1) hue-rotate({0}deg) saturate({1}%)"
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; display: grid; grid-template-columns: repeat({columns}, {side}px); grid-auto-rows: {side}px }}
div {{ display: grid; place-items: center }} img {{ width: 500px; height: 500px }}
</style>{cells}"""


def main(icons):
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    wanted = {}
    for code, line, edition in products():
        name = picture(code, line)
        own = name == f"{code.lower()}.webp"
        icon = (icons / f"{line[1]}.svg").resolve(strict=True)
        tint, background = edition[6:8]
        if own and tint:
            hue, full, bright = tint
            tint = TINT.format(hue, full, bright * 0.7 if line[0] in PALE and bright > 80 else bright)
        else:
            tint = ""
        wanted.setdefault(name, CELL.format(icon=icon.as_uri(), background=background, tint=tint))
    names = [name for name in wanted if not (HERE / "images" / name).exists()]
    (HERE / "images").mkdir(exist_ok=True)
    for start in range(0, len(names), COLUMNS * ROWS):
        sheet = names[start : start + COLUMNS * ROWS]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            page, shot = folder / "page.html", folder / "shot.png"
            page.write_text(PAGE.format(columns=COLUMNS, side=SIDE, cells="".join(wanted[name] for name in sheet)))
            flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", "--allow-file-access-from-files"]
            size = f"--window-size={SIDE * COLUMNS},{SIDE * ROWS}"
            subprocess.run([chromium, *flags, size, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True)
            with Image.open(shot) as whole:
                for at, name in enumerate(sheet):
                    left, top = at % COLUMNS * SIDE, at // COLUMNS * SIDE
                    cell = whole.convert("RGB").crop((left, top, left + SIDE, top + SIDE))
                    cell.save(HERE / "images" / name, "WEBP", quality=80, method=6)
        print(f"{min(start + len(sheet), len(names))} of {len(names)}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
