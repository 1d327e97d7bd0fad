# SPDX-License-Identifier: Apache-2.0
"""A page that a person can look at: figures, and plots as plain SVG, in one file that needs nothing else."""
import html
import json
import math

WIDTH, LEFT, RIGHT, LINE = 960, 280, 20, 18
COLOURS = ["#1f6f8b", "#c0562f", "#5b8c3a", "#7a4fa3", "#8a6d1d", "#444"]


def throughput(series, begin, end, bins=400):
    """(nanoseconds, bytes so far) as points of (seconds, Mbit/s)."""
    width = max((end - begin) / bins, 20e6)
    totals = [0] * (math.ceil((end - begin) / width) + 1)
    before = 0
    for at, so_far in series:
        if begin <= at < end:
            totals[int((at - begin) / width)] += so_far - before
        before = so_far
    return [((i + 0.5) * width / 1e9, total * 8e3 / width) for i, total in enumerate(totals[:-1])]


def timeline(title, points, marks=(), unit="Mbit/s"):
    """Points over seconds, with labelled moments."""
    return lambda: draw_timeline(title, points, marks, unit)


def strip(title, rows, unit, limits=()):
    """A dot for each value, a row for each name. limits: (value, label)."""
    return lambda: draw_strip(title, rows, unit, limits)


def text(x, y, words, anchor="start", size=11, colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">{html.escape(str(words))}</text>'


def line(x1, y1, x2, y2, colour="#ddd", more=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {more}/>'


def svg(height, parts):
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" font-family="sans-serif">{"".join(parts)}</svg>'


def ticks(most):
    step = 10 ** math.floor(math.log10(most / 4)) if most > 0 else 1
    step = next(step * f for f in (1, 2, 5, 10) if most / (step * f) <= 6)
    return [i * step for i in range(int(most / step) + 1)]


def draw_timeline(title, points, marks, unit):
    left, top, bottom, height = 60, 14 + LINE * (1 if marks else 0), 190, 230
    last = max((x for x, _ in points), default=1) or 1
    most = max((y for _, y in points), default=1) * 1.05 or 1
    px = lambda x: left + x / last * (WIDTH - left - RIGHT)
    py = lambda y: bottom - y / most * (bottom - top)
    parts = []
    for tick in ticks(most):
        parts += [line(left, py(tick), WIDTH - RIGHT, py(tick)), text(left - 6, py(tick) + 4, f"{tick:g}", "end")]
    for tick in ticks(last):
        parts += [line(px(tick), bottom, px(tick), bottom + 4, "#888"), text(px(tick), bottom + 16, f"{tick:g}", "middle")]
    parts += [text(WIDTH - RIGHT, bottom + 32, "seconds", "end"), text(left, 12, unit)]
    for i, (at, label) in enumerate(marks):
        parts += [line(px(at), top, px(at), bottom, COLOURS[1], 'stroke-dasharray="3 3"'),
                  text(px(at), top - 4, label, "middle", 9, COLOURS[1])]
    parts.append(f'<polyline fill="none" stroke="{COLOURS[0]}" stroke-width="1.3" points="'
                 + " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in points) + '"/>')
    return f"<h3>{html.escape(title)}</h3>" + svg(height, parts)


def draw_strip(title, rows, unit, limits):
    values = [v for row in rows.values() for v in row if v is not None]
    most = max(values + [value for value, _ in limits], default=1) * 1.05 or 1
    px = lambda x: LEFT + x / most * (WIDTH - LEFT - RIGHT - 60)
    bottom = 26 + LINE * len(rows)
    parts = []
    for tick in ticks(most):
        parts += [line(px(tick), 20, px(tick), bottom), text(px(tick), bottom + 14, f"{tick:g}", "middle")]
    parts.append(text(WIDTH - RIGHT, bottom + 14, unit, "end"))
    for value, label in limits:
        parts += [line(px(value), 16, px(value), bottom, COLOURS[1], 'stroke-dasharray="4 3"'),
                  text(px(value), 12, label, "middle", 10, COLOURS[1])]
    for i, (name, row) in enumerate(rows.items()):
        y = 36 + LINE * i
        parts.append(text(LEFT - 10, y + 4, name, "end"))
        for v in row:
            if v is None:
                parts.append(text(WIDTH - RIGHT, y + 4, "never", "end", 11, COLOURS[1]))
            else:
                parts.append(f'<circle cx="{px(v):.1f}" cy="{y}" r="3" fill="{COLOURS[0]}" fill-opacity="0.5"/>')
    return f"<h3>{html.escape(title)}</h3>" + svg(bottom + 24, parts)


def table(value):
    """Figures as nested tables."""
    if isinstance(value, dict):
        rows = "".join(f"<tr><th>{html.escape(str(k))}</th><td>{table(v)}</td></tr>" for k, v in value.items())
        return f"<table>{rows}</table>"
    if isinstance(value, list):
        return "<br>".join(table(v) for v in value) or "none"
    return html.escape(json.dumps(value) if not isinstance(value, str) else value)


def write(path, name, doc, figures, plots):
    problems = figures.get("problems", [])
    with open(path, "w") as page:
        page.write(f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>rendr {name}</title><style>
body {{ font-family: sans-serif; max-width: 1000px; margin: 2em auto; color: #222 }}
table {{ border-collapse: collapse; font-size: 13px }} th {{ text-align: left; font-weight: normal; color: #666 }}
td, th {{ border-bottom: 1px solid #eee; padding: 2px 10px 2px 0; vertical-align: top }}
.verdict {{ font-size: 1.2em; color: {"#b00" if problems else "#272"} }} pre {{ white-space: pre-wrap }}
</style><h1>{html.escape(name)}: {html.escape(doc.strip().splitlines()[0])}</h1>
<p class="verdict">{"NOT OK: " + html.escape("; ".join(problems)) if problems else "ok"}</p>
{"".join(plot() for plot in plots)}<h2>Figures</h2>{table(figures)}<h2>What this run does</h2><pre>{html.escape(doc)}</pre></html>
""")
