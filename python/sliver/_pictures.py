"""Tables and drawings for notebooks: plain HTML and SVG, no scripts."""
from html import escape

_COLOURS = ["#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#eeca3b", "#b279a2", "#ff9da6", "#9d755d", "#bab0ac"]


def quantity(value, unit):
    """1.05e-4, "J" as "105.0 uJ"."""
    if value == 0:
        return f"0 {unit}"
    for factor, prefix in ((1, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p")):
        if abs(value) >= factor * 0.99995:
            return f"{value / factor:.4g} {prefix}{unit}"
    return f"{value / 1e-15:.4g} f{unit}"


def html_table(titles, rows):
    head = "".join(f"<th style='text-align:left'>{escape(str(t))}</th>" for t in titles)
    body = "".join("<tr>" + "".join(f"<td style='text-align:left'>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _svg(width, height, parts):
    return (f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}' "
            f"font-family='sans-serif' font-size='11'>" + "".join(parts) + "</svg>")


def _text(x, y, text, **style):
    extra = "".join(f" {k.replace('_', '-')}='{v}'" for k, v in style.items())
    return f"<text x='{x}' y='{y}'{extra}>{escape(str(text))}</text>"


def _grid(mesh, colour_of, title_of, width=420):
    rows, columns = mesh
    side = max(3, min(28, width // max(1, columns)))
    parts = []
    for row in range(rows):
        for column in range(columns):
            tile = row * columns + column
            parts.append(f"<rect x='{column * side}' y='{24 + row * side}' width='{side - 1}' height='{side - 1}' "
                         f"fill='{colour_of(tile)}'><title>{escape(title_of(tile))}</title></rect>")
    return parts, columns * side, 24 + rows * side


def chip_svg(name, mesh, settings):
    parts, width, height = _grid(mesh, lambda tile: "#d9e2ec", lambda tile: f"tile {tile}")
    elements = settings.get("tile.processing_elements", "?")
    arrays = settings.get("tile.arrays_per_pe", "?")
    line = (f"{name}: {mesh[0]} x {mesh[1]} tiles of {elements} processing elements of {arrays} arrays of "
            f"{settings.get('array.rows')} x {settings.get('array.columns')}")
    return _svg(max(width, 7 * len(line)), height, [_text(0, 14, line)] + parts)


def mapping_svg(name, mesh, layers):
    """The tiles of the chip in the order in which they are filled, a colour a layer; grey: dark."""
    owner = {}
    for number, layer in enumerate(layers):
        for tile in range(layer["first_tile"], layer["first_tile"] + layer["tiles"]):
            owner[tile] = number
    parts, width, height = _grid(
        mesh, lambda tile: _COLOURS[owner[tile] % len(_COLOURS)] if tile in owner else "#eeeeee",
        lambda tile: f"tile {tile}: {layers[owner[tile]]['layer']}" if tile in owner else f"tile {tile}: dark")
    for number, layer in enumerate(layers):
        y = 36 + 15 * number
        parts.append(f"<rect x='{width + 16}' y='{y - 9}' width='10' height='10' fill='{_COLOURS[number % len(_COLOURS)]}'/>")
        parts.append(_text(width + 32, y, f"{layer['layer']}: {layer['arrays']} arrays, {layer['tiles']} tiles"))
    return _svg(width + 330, max(height, 45 + 15 * len(layers)), [_text(0, 14, f"{name} on its tiles")] + parts)


def _bars(title, entries, text_of):
    largest = max((value for _, value in entries), default=0) or 1
    parts = [_text(0, 14, title)]
    for number, (label, value) in enumerate(entries):
        y = 30 + 18 * number
        parts.append(_text(150, y + 4, label, text_anchor="end"))
        parts.append(f"<rect x='156' y='{y - 7}' width='{260 * value / largest:.1f}' height='14' fill='{_COLOURS[0]}'/>")
        parts.append(_text(162 + 260 * value / largest, y + 4, text_of(value)))
    return _svg(520, 40 + 18 * len(entries), parts)


def network_svg(name, layers):
    return _bars(f"{name}: weights by layer", [(l["layer"], l["weights"]) for l in layers], lambda value: f"{value:,}")


def result_svg(stats):
    images = stats["record"]["images"]
    entries = [(row["name"], row["energy_j"] / images) for row in stats["components"] if row["energy_j"] > 0]
    entries.sort(key=lambda entry: -entry[1])
    return _bars(f"{stats['run']['network']}: energy of an image by component", entries, lambda value: quantity(value, "J"))
