"""Draws web/icon.svg, a square and one stroke, as PNG: for systems that want the icons of what is installed as pixels."""
import math
import re
import struct
import zlib

SIDE = 64  # of the SVG's view
STEPS = 16  # straight pieces of a curve


def numbers(text):
    return [float(number) for number in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]


def points_of(path):
    """A path of one M and of C and c, as points."""
    points = []
    for command, text in re.findall(r"([MCc])([^MCc]*)", path):
        values = numbers(text)
        if command == "M":
            points.append((values[0], values[1]))
            continue
        for at in range(0, len(values), 6):
            x0, y0 = points[-1]
            dx, dy = (x0, y0) if command == "c" else (0, 0)
            x1, y1, x2, y2, x3, y3 = (value + (dy if i % 2 else dx) for i, value in enumerate(values[at:at + 6]))
            for step in range(1, STEPS + 1):
                t = step / STEPS
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3
                points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return points


def coverage_of(points, radius, side):
    """How much of each pixel a round pen of that radius covers, 0 to 1; (side, side)."""
    covered = [[0.0] * side for _ in range(side)]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        for y in range(max(0, math.floor(min(y0, y1) - radius)), min(side, math.ceil(max(y0, y1) + radius) + 1)):
            row = covered[y]
            for x in range(max(0, math.floor(min(x0, x1) - radius)), min(side, math.ceil(max(x0, x1) + radius) + 1)):
                px, py = x + 0.5 - x0, y + 0.5 - y0
                t = min(1.0, max(0.0, (px * dx + py * dy) / length)) if length else 0.0
                row[x] = max(row[x], min(1.0, radius + 0.5 - math.hypot(px - t * dx, py - t * dy)))
    return covered


def color(svg, name):
    value = re.search(rf'{name}="#([0-9a-f]+)"', svg)[1]
    return [int(digit * (6 // len(value)), 16) for digit in re.findall("." * (len(value) // 3), value)]


def png(rows, side):
    """RGB rows as a PNG."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    data = b"".join(b"\0" + bytes(row) for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def draw_icon(svg, side):
    """The icon as a PNG of side x side pixels, its corners square: systems cut them as they like."""
    scale = side / SIDE
    points = [(x * scale, y * scale) for x, y in points_of(re.search(r' d="([^"]+)"', svg)[1])]
    radius = float(re.search(r'stroke-width="([\d.]+)"', svg)[1]) / 2 * scale
    ground, ink = color(svg, "fill"), color(svg, "stroke")
    rows = [[round(g + (i - g) * max(0.0, share)) for share in row for g, i in zip(ground, ink)] for row in coverage_of(points, radius, side)]
    return png(rows, side)
