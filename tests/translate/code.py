"""Code as messages: the strings and comments in it that a reader sees, as captions, prints and claims.

A string that only programs read, such as a path or the name of a layer, is none. In doubt it is one: whoever
translates leaves "content" as it is where it is the name of an option.
"""
import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterator

Translate = Callable[[str], str]
# Values of these arguments are read; single words for others are options, such as mode="circular"
READ = {"title", "x", "y", "xlabel", "ylabel", "label", "caption", "captions", "words", "text"}
PROGRAMS = re.compile(r"""
    [\w*.-]*[/_.*][\w/*.-]*             # paths, file names, names_with_underscores
  | (relu|conv|pool)\d\w*               # layers
  | [\d\W_]*                            # nothing to read
  | [.,<>^+]*\d*[.,]?\d*[a-zA-Z%]       # format specifications
  | [A-Z0-9]{1,4}                       # G, RGB
""", re.VERBOSE)
FIELD = re.compile(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")       # of an f-string; its format may hold fields, too
WIDTH = 100


def translate_code(source: str, translate: Translate) -> str:
    """The code with its messages replaced by `translate(message)`.

    An f-string is one message, with its fields as they stand; so are comments on several lines in a row.
    """
    changes = [*_strings(source, translate), *_comments(source, translate)]
    for start, end, new in sorted(changes, reverse=True):
        source = source[:start] + new + source[end:]
    return source


def _strings(source: str, translate: Translate) -> Iterator[tuple[int, int, str]]:
    tree = ast.parse(without_magics(source))
    place = _places(source)
    for node, options in _walk(tree):
        message = _message(source, node)
        if (options and " " not in message) or PROGRAMS.fullmatch(FIELD.sub("", message)):
            continue
        translated = translate(message)
        if translated != message:
            start, end = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
            yield start, end, _literal(_keyed(translated, translate), source[start:end])


def _walk(node: ast.AST, options: bool = False) -> Iterator[tuple[ast.expr, bool]]:
    """(string, whether it is an argument that names an option), f-strings as a whole."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node, options
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk(child, isinstance(node, ast.keyword) and node.arg not in READ)


def _keyed(message: str, translate: Translate) -> str:
    """Keys in an f-string's fields, such as {row['loss']}, are translated like the same words elsewhere."""
    def key(found):
        return found[0] if PROGRAMS.fullmatch(found[1]) else f"'{translate(found[1])}'"
    return FIELD.sub(lambda field: re.sub(r"'([^'{}]*)'", key, field[0]), message)


def _message(source: str, node: ast.expr) -> str:
    """What a string says; an f-string with its fields as in the source."""
    if isinstance(node, ast.Constant):
        return node.value
    pieces = []
    for token in _tokens(ast.get_source_segment(source, node)):
        prefix, body = _opened(token)
        if "f" in prefix.lower():
            pieces += re.split(rf"(\{{\{{|\}}\}}|{FIELD.pattern})", body)
        else:
            pieces.append(body.replace("{", "{{").replace("}", "}}"))
    return "".join(piece if piece.startswith(("{", "}")) else _unescaped(piece) for piece in pieces)


def _tokens(segment: str) -> Iterator[str]:
    """The literals that Python joins to one string, also where it splits f-strings into parts itself."""
    pattern = r"""(?ix) [furb]* ( \"\"\".*?\"\"\" | '''.*?''' | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )"""
    yield from (found[0] for found in re.finditer(pattern, segment, re.DOTALL))


def _opened(token: str) -> tuple[str, str]:
    prefix = re.match(r"\w*", token)[0]
    body = token[len(prefix):]
    size = 3 if body[:3] in ('"""', "'''") else 1
    return prefix, body[size:-size]


def _unescaped(piece: str) -> str:
    return ast.literal_eval(f'"""{piece} """')[:-1]         # the space: a piece may end with a quote


def _literal(message: str, old: str) -> str:
    """A literal that says the message, of the kind of the old one."""
    prefix = "f" if re.match(r"[rR]?[fF]", old) or re.search(r"\s[fF][\"']", old) else ""
    words = message.replace("\\", "\\\\")
    if old.lstrip("fFrR").startswith('"""'):
        return f'{prefix}"""{words}"""'
    words = words.replace("\n", "\\n")
    if prefix:          # before Python 3.12, a field may hold neither backslashes nor the outer quotes
        quote = "'" if '"' in "".join(re.findall(r"\{[^{}]*\}", message)) else '"'
    else:
        quote = "'" if '"' in words and "'" not in words else '"'
    parts = re.split(rf"({FIELD.pattern})", words) if prefix else [words]
    escaped = (part if prefix and part.startswith("{") else part.replace(quote, f"\\{quote}")
               for part in parts)
    return f"{prefix}{quote}{''.join(escaped)}{quote}"


def _comments(source: str, translate: Translate) -> Iterator[tuple[int, int, str]]:
    """Comments below each other in one column are one message."""
    tokens = list(tokenize.generate_tokens(io.StringIO(without_magics(source)).readline))
    place = _places(source, bytewise=False)
    group: list[tokenize.TokenInfo] = []
    for token in tokens:
        if token.type == tokenize.COMMENT and source[place(*token.start)] == "#":     # no magic
            if group and not _goes_on(group[-1], token):
                yield from _comment(group, translate, place)
                group = []
            group.append(token)
    if group:
        yield from _comment(group, translate, place)


def _goes_on(before, token):
    """Whether a comment stands alone in its line, right below another one."""
    (line, column), alone = before.start, not token.line[:token.start[1]].strip()
    return alone and token.start == (line + 1, column)


def _comment(group, translate, place):
    message = " ".join(token.string.lstrip("# ").rstrip() for token in group)
    if not re.search(r"[^\W\d_]{2}", message) or message.startswith(("noqa", "type:", "###")):
        return
    translated = translate(message)
    if translated != message:
        column = group[0].start[1]
        lines = textwrap.wrap(translated, max(30, (WIDTH - column) // 2)) if len(group) > 1 else [translated]
        new = ("\n" + " " * column).join(f"# {line}" for line in lines)
        yield place(*group[0].start), place(*group[-1].end), new


def _places(source: str, bytewise: bool = True) -> Callable[[int, int], int]:
    """Where a line and column are in the source; ast counts the bytes of a line, tokenize its characters."""
    lines = source.splitlines(keepends=True)

    def place(line: int, column: int) -> int:
        before = sum(len(text) for text in lines[:line - 1])
        text = lines[line - 1] if line <= len(lines) else ""
        return before + (len(text.encode()[:column].decode()) if bytewise else column)
    return place


def without_magics(source: str) -> str:
    """IPython's own lines are no Python: as comments of the same length. `% 3` goes on with a sum."""
    return re.sub(r"(?m)^(\s*)[%!](?=[\w%])", r"\1#", source)
