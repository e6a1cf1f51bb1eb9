#!/usr/bin/env python3
"""Runs what the documentation shows, as a reader would, and compares what it prints with what is shown.

usage: docs_test.py BUILD [DOCUMENT...]      BUILD: the folder of a release build; exit code 77: no MNIST here

In README.md, CONTRIBUTING.md, docs/*.md and python/README.md:
- ```sh is run by bash -e, block after block in one scratch folder for each document, `scrawl` being the built program
  (`build/release/scrawl` too). A block ```text behind it is its output, whole, but for lines `...`, which stand for any lines.
- ```cpp and ```c are compiled, and run where they have a main; ```python is run where the modules that it imports are here.
  A first line such as `// seven.cpp` gives a block a file name: then it is for the commands behind it to use.
- Numbers with a decimal point, rates and matrices of counts differ by machine: the shape of a line is compared, and its words.
- Every block of another kind, and every command in the text (`scrawl read -r`), is looked at: the program, its file and every
  option that is named have to exist. So no command of the documentation escapes.

An HTML comment just above a block says what cannot be seen in it:
  <!-- not run: REASON -->   it is only looked at; the test prints it with its reason
  <!-- given: CODE -->       goes before it, so that a fragment is a program
  <!-- goes on -->           one Python program with the block before
  <!-- exit code: 1 -->      what its last command ends with
  <!-- in the background --> a server: it runs until the end of the document

<!-- printed by: scrawl generate presets --> above a table: that prints the table, to the letter. What README.md, the tutorial and their
twins say of a preset's accuracy and seconds is what stands in it.

What would take too long is run on less (SHORTER below). NAME.zh-CN.md has the blocks of NAME.md, comments in
them aside, and as many headings; so what is shown there is run too.
"""
import fnmatch
import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What is run on less: MNIST is its first 23,000 and 1,000 images, but for `scrawl data`; convolutional networks and personal models learn from
# 1,000. Trainings are one epoch unless the documentation names a number, on one thread, since threads that wait for each other
# are slow on a busy machine. Of what such models read, and of numbers of theirs, the lines are compared, not the figures (change).
IMAGES = {"small": (23000, 1000), "least": (1000, 200)}
SHORTER = r"""
  data) [[ $2 == preview ]] || has --data || args+=(--data "$DOCS_MNIST") ;;
  train)
    change
    has --epochs || args+=(--epochs 1)
    ! has --model || has --data || args+=(--val 200 --data "$DOCS_LEAST")
    args+=(--threads 1) ;;
  eval | report) change; args+=(--threads 1) ;;
  read) ! has --model || has builtin || change ;;
  teach) ! has --learn || { change; args+=(--steps 2 --threads 1 --data "$DOCS_LEAST"); } ;;
  serve) has --port || args+=(--port "$DOCS_PORT") ;;  # one that is free
"""
PORT = "8042"  # scrawl serve's, in the documentation; the test takes a free one

# Pictures of the documentation that the reader has: what they are here.
PICTURES = {
    "7.png": "7-mnist.png", "my7.png": "7-mnist.png", "my4.png": "4-paint-1-pixel.png", "photo.jpg": "6-shadow.jpg",
    "page.jpg": "2026-squared-paper.jpg", "invoice.jpg": "2026-squared-paper.jpg",
}

# Programs that documentation may name beside our own.
SYSTEM = set("""apt c++ cat cc cd cmake cp cpack ctest curl dask export git head ldconfig ls man mkdir mpirun node npm pip pkg-config podman
                python3 sbatch sed sort source sudo systemctl systemd-analyze tail xargs clang-format clang-tidy""".split())

OTHER_OPTIONS = {"--prefix", "--reduce"}  # of those, and of scrawl-mpi, in the text by themselves

failures = []
skipped = []  # (place, reason)


def fail(place, what):
    failures.append(f"{place}: {what}")
    print(f"FAILED {failures[-1]}", flush=True)


# ---- Reading Markdown ------------------------------------------------------------------------------

class Block:
    """A fenced block, the comment above it, and the block of output behind it."""

    def __init__(self, document, line, language, above):
        self.place = f"{document}:{line}"
        self.language = language
        self.lines = []
        self.output = None
        # What the comments above say; "given" is code.
        self.marks = {}
        for comment in above:
            name, _, value = comment.partition(":")
            self.marks[name.strip()] = value.strip("\n") if name.strip() == "given" else value.strip()

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def file(self):
        """The file name in its first line: // seven.cpp, # train.py, /* seven.c */"""
        match = re.fullmatch(r"(?://|#|/\*) ([\w-]+\.(?:\w+)) ?(?:\*/)?", self.lines[0]) if self.lines else None
        return match[1] if match else None


MARKS = {"not run", "given", "goes on", "exit code", "in the background"}
RUN = {"sh", "cpp", "c", "python"}
SHOWN = {"text", "js", "cmake", "json", "html"}


def parse(path):
    """The document's blocks, its text without them (line numbers kept), and how many headings it has."""
    name = str(path.relative_to(ROOT))
    blocks, text, headings = [], [], 0
    above, block, comment = [], None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"```(\S*)", line)
        if block is not None:
            if line == "```":
                blocks.append(block)
                block = None
            else:
                block.lines.append(line)
            text.append("")
        elif comment is not None or line.startswith("<!--"):
            comment = (comment + "\n" if comment is not None else "") + line
            if comment.endswith("-->"):
                above.append(comment[4:-3].strip(" "))
                comment = None
            text.append("")
        elif fence:
            block = Block(name, number, fence[1], above)
            above = []
            text.append("")
        else:
            if line.strip():
                for mark in above:
                    if mark.partition(":")[0].strip() in MARKS:
                        fail(f"{name}:{number}", f"<!-- {mark} --> stands above no block")
                above = []
            headings += bool(re.match(r"#+ ", line))
            text.append(line)
    if block is not None:
        fail(block.place, "the block does not end")
    return pair_with_output(blocks), text, headings


def pair_with_output(blocks):
    """A block of text right behind a command's is its output."""
    commands, before = [], None
    for block in blocks:
        for mark in block.marks:
            if mark not in MARKS:
                fail(block.place, f"<!-- {mark} --> is none of: {', '.join(sorted(MARKS))}")
        if block.language not in RUN | SHOWN:
            fail(block.place, f"a block of '{block.language}', expected one of: {', '.join(sorted(RUN | SHOWN))}")
        if block.language == "text" and before is not None and before.output is None and "not run" not in block.marks:
            before.output = block
            before = None
            continue
        if block.language == "text" and re.search(r"^(\$ |scrawl [a-z]|build/|scripts/|cmake |ctest )", block.text, re.M):
            if "not run" not in block.marks:
                fail(block.place, "commands in a block of text: make it ```sh")
        before = block if block.language in RUN else None
        commands.append(block)
    return commands


# ---- Looking at commands without running them ------------------------------------------------------

class Checker:
    """Knows which programs, options, presets, targets and tests there are."""

    def __init__(self, build):
        self.scrawl = build / "scrawl"
        self.build = build
        self.helps = {}
        presets = json.loads((ROOT / "CMakePresets.json").read_text())
        self.presets = {preset["name"] for preset in presets["configurePresets"]}
        self.targets = {"scrawl"}
        self.settings = set()
        for path in [ROOT / "CMakeLists.txt", *ROOT.glob("*/CMakeLists.txt"), *ROOT.glob("src/*/CMakeLists.txt"), *ROOT.glob("cmake/*.cmake")]:
            text = path.read_text()
            self.targets |= set(re.findall(r"add_(?:executable|library|custom_target)\((\w+)", text))
            for kind in ("test", "fuzz"):
                self.targets |= {f"{name}_{kind}" for name in re.findall(rf"^scrawl_{kind}\((\w+)", text, re.M)}
            self.settings |= set(re.findall(r"(?:option|set)\((SCRAWL_\w+)", text))
        self.sources = "\n".join(path.read_text() for path in [*ROOT.glob("bench/*.c*"), *ROOT.glob("tests/*.cpp")])

    def help(self, command):
        """What `scrawl command --help` prints."""
        key = " ".join(command)
        if key not in self.helps:
            result = subprocess.run([self.scrawl, *command, "--help"], capture_output=True, text=True)
            self.helps[key] = result.stdout if result.returncode == 0 else ""
        return self.helps[key]

    def tests(self):
        """Their names; those of GoogleTest from the sources, since they may not be built yet."""
        listed = subprocess.run(["ctest", "--test-dir", self.build, "-N"], capture_output=True, text=True).stdout
        names = re.findall(r"Test +#\d+: (\S+)", listed)
        for path in ROOT.glob("tests/*.cpp"):
            names += [".".join(test) for test in re.findall(r"^TEST(?:_[FP])?\((\w+), (\w+)\)", path.read_text(), re.M)]
        return names

    def subcommands(self, command):
        listed = self.help(command).partition("\nSubcommands:\n")[2].partition("\n\n")[0]
        return set(re.findall(r"^  (\w+) ", listed, re.M))

    def options(self, command):
        return {option for names in re.findall(r"^  (-[^ ]+)", self.help(command), re.M) for option in names.split(",")}

    def scrawl_command(self, words):
        """`words` behind the program's name: what is wrong with them, or None."""
        command = []
        rest = list(words)
        while rest and re.fullmatch("[a-z]+", rest[0]) and self.subcommands(command):
            if rest[0] not in self.subcommands(command):
                return f"scrawl {' '.join(command)} has no command {rest[0]}"
            command.append(rest.pop(0))
        known = self.options(command)
        for word in rest:
            option = word.split("=")[0]
            if re.match(r"-[-a-zA-Z]", option) and option not in known:
                return f"scrawl {' '.join(command)} has no option {option}"
        return None

    def file_command(self, program, words):
        """A program or script of ours, by its path."""
        path = Path(program)
        if path.parts[0] == "build":
            if path.parts[1] not in self.presets:
                return f"no preset {path.parts[1]}"
            if path.name == "scrawl":
                return self.scrawl_command(words)
            if path.name not in self.targets:
                return f"no target {path.name}"
            text = self.sources + " -max_total_time -runs --benchmark_filter --gtest_filter"
        else:
            if not (ROOT / path).exists():
                return f"no file {program}"
            if (ROOT / path).is_dir():
                return None
            if words and not os.access(ROOT / path, os.X_OK):
                return f"{program} cannot be run"
            text = (ROOT / path).read_text(errors="replace")
        for word in words:
            option = word.split("=")[0]
            if re.match("--?[a-z]", option) and not re.search(re.escape(option) + r"(?![\w-])", text):
                return f"{program} has no option {option}"
            if option == "--gtest_filter" and not any(fnmatch.fnmatchcase(test, word.partition("=")[2]) for test in self.tests()):
                return f"no test {word}"
        return None

    def cmake_command(self, program, words):
        for before, word in zip(words, words[1:]):
            if before == "--preset" and word not in self.presets:
                return f"no preset {word}"
            if before in ("-t", "--target") and word not in self.targets:
                return f"no target {word}"
            if program == "ctest" and before in ("-R", "--tests-regex"):
                if not any(re.search(word, test) for test in self.tests()):
                    return f"no test {word}"
        for setting in re.findall(r"-D(SCRAWL_\w+)", " ".join(words)):
            if setting not in self.settings:
                return f"no setting {setting}"
        return None

    def simple_command(self, words, parent=None):
        """One command without pipes; parent: the words of the one before it, for `data fetch | verify`."""
        words = list(words)
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        if words[:2] == ["taskset", "-c"]:
            words = words[3:]
        if words[:2] == ["/usr/bin/time", "-f"]:
            words = words[3:]
        if not words:
            return None
        program, rest = words[0], words[1:]
        if parent and parent[0] == "scrawl" and len(parent) == 3 and program in self.subcommands([parent[1]]):
            return None
        if program == "scrawl":
            return self.scrawl_command(rest)
        if program == "mpirun" and "scrawl-mpi" in rest:  # its options are those of scrawl, and one more
            rest = rest[rest.index("scrawl-mpi") + 1:]
            return self.scrawl_command([word for word in rest if word != "--reduce"])
        if re.match(r"(build|scripts|bench|tests|fuzz|examples|\.ci)/", program):
            return self.file_command(program, rest)
        if program.startswith("./"):  # what a block made
            return None
        if program not in SYSTEM:
            return f"{program} is no program that the test knows"
        if program == "python3" and rest and rest[0].endswith(".py") and "/" in rest[0]:
            return None if (ROOT / rest[0]).exists() else f"no file {rest[0]}"
        return self.cmake_command(program, rest) if program in ("cmake", "ctest") else None

    def command(self, text):
        """What is wrong with a line of shell, or None."""
        for inner in re.findall(r"[$<]\(([^()]*)\)", text):
            problem = self.command(inner)
            if problem:
                return problem
        text = re.sub(r"[$<]\([^()]*\)", "substituted", text)
        lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;()<>")
        lexer.whitespace_split = True
        lexer.commenters = "#"
        try:
            tokens = list(lexer)
        except ValueError as error:
            return str(error)
        parts, redirected = [[]], False
        for token in tokens:
            if re.fullmatch(r"[<>]+", token):
                redirected = True
            elif re.fullmatch(r"[|&;()<>]+", token):
                parts.append([])
            elif redirected:
                redirected = False
            else:
                parts[-1].append(token)
        parent = None
        for words in parts:
            problem = self.simple_command(words, parent)
            if problem:
                return problem
            parent = words if words and words[0] == "scrawl" else parent
        return None

    def block(self, block):
        if block.language != "sh":
            return
        for line in re.sub(r"\\\n", " ", block.text).splitlines():
            problem = self.command(line)
            if problem:
                fail(block.place, problem)

    def text(self, name, lines):
        """Commands and options in the text: `scrawl read -r`, `--resume`."""
        every = set()
        for command in sorted(self.subcommands([])):
            every |= self.options([command])
            for sub in self.subcommands([command]):
                every |= self.options([command, sub])
        whole = "\n".join(lines)
        for match in re.finditer(r"(?<!`)`([^`\n]+)`(?!`)", whole):
            span = match[1].replace("\\|", "|")
            place = f"{name}:{whole[:match.start()].count(chr(10)) + 1}"
            problem = None
            if re.match(r"(scrawl |build/\w|(scripts|bench|tests|\.ci)/[\w/.-]+( |$)|(cmake|ctest|cc|c\+\+|curl|pip|npm|source|git) )", span):
                problem = self.command(re.sub(r"[\[\]]|\.\.\.", " ", span))
            elif span.startswith("--"):
                row = lines[whole[:match.start()].count("\n")]
                command = re.match(r"\| `scrawl (\w+)", row)  # a table of commands: its options are this command's
                known = self.options([command[1]]) if command else every
                for option in re.findall(r"--[a-z][a-z0-9-]*", span):
                    if option not in known and option not in OTHER_OPTIONS:
                        problem = f"scrawl {command[1]} has no option {option}" if command else f"no command has an option {option}"
            if problem:
                fail(place, f"`{span}`: {problem}")


# ---- Comparing output ------------------------------------------------------------------------------

def shape(line, loosely):
    """A line without what differs by machine; loosely: without any number, since it was run on less."""
    line = re.sub(r"\s+", " ", line).strip()
    if re.search(r"(\s(\d+|\.)){9}", line):  # counts: a row of a matrix
        return re.sub(r"(?<= )(\d+|\.)(?= |$)", "#", re.sub(r"\d+\.\d+", "#.#", line))
    line = re.sub(r"\d+(?:\.\d+)?e[+-]?\d+|\d+\.\d+", "#.#", line)
    line = re.sub(r"\d+(?= images/s| %)", "#", line)
    if re.match(r"epoch ", line):
        line = re.sub(r" best$", "", line)
    return re.sub(r"\b\d+\b", "#", line.replace("#.#", "#")) if loosely else line


def compare(shown, printed, loosely):
    """What is wrong with lines that were printed, where others are shown; or None."""
    at, gap = 0, False
    for line in shown:
        if line.strip() == "...":
            gap = True
            continue
        wanted = shape(line, loosely)
        while gap and at < len(printed) and shape(printed[at], loosely) != wanted:
            at += 1
        if at == len(printed):
            return f"shown and not printed: {line}"
        if shape(printed[at], loosely) != wanted:
            return f"shown: {line}\n  printed: {printed[at]}"
        at, gap = at + 1, False
    if not gap and at < len(printed):
        return f"printed and not shown: {printed[at]}"
    return None


# ---- Running ---------------------------------------------------------------------------------------

class Runner:
    """Runs the blocks of one document in a scratch folder."""

    def __init__(self, build, scratch, name):
        self.build = build
        self.folder = scratch / re.sub(r"\W", "_", name)
        self.changed = self.folder / ".changed"  # there when a command was run on less
        self.servers = []
        self.program = []  # blocks of Python that go on
        self.unused = {}   # files that blocks gave, and no command has named
        shutil.copytree(scratch / "given", self.folder, symlinks=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        usr = scratch / "usr"
        library = next(usr.glob("**/libscrawl.so")).parent
        self.environment = {
            **os.environ, "HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder / ".share"),
            "XDG_CACHE_HOME": str(scratch / "cache"), "PATH": f"{self.folder}/build/release:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": str(library / "pkgconfig"), "LD_LIBRARY_PATH": str(library), "CMAKE_PREFIX_PATH": str(usr),
            "PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1", "DOCS_PORT": self.port,
            "DOCS_MNIST": str(scratch / "mnist"), "DOCS_LEAST": str(scratch / "least"), "DOCS_CHANGED": str(self.changed), "SCRAWL": str(build / "scrawl"),
            "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        }
        self.environment.pop("SCRAWL_DATA", None)
        self.environment.pop("SCRAWL_TOKEN", None)

    def call(self, command, **options):
        return subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120, **options)

    def check_output(self, block, printed):
        if block.output is None:
            return
        printed = printed.replace(str(self.folder) + "/", "").replace(f"127.0.0.1:{self.port}", f"127.0.0.1:{PORT}")
        printed = printed.replace(self.environment["DOCS_MNIST"], "~/.cache/scrawl/mnist")
        printed = printed.replace(".share/", "~/.local/share/").splitlines()
        problem = compare(block.output.lines, printed, self.changed.exists())
        if problem:
            fail(block.output.place, problem)

    def sh(self, block):
        for name in list(self.unused):
            if name in block.text:
                del self.unused[name]
        self.changed.unlink(missing_ok=True)
        script = block.text.replace(f":{PORT}", f":{self.port}")
        if "in the background" in block.marks:
            self.serve(block, script)
            return
        result = self.call(["bash", "-e", "-o", "pipefail", "-c", script])
        wanted = int(block.marks.get("exit code", 0))
        if result.returncode != wanted:
            fail(block.place, f"exit code {result.returncode}, expected {wanted}:\n{result.stdout}")
        else:
            self.check_output(block, result.stdout)

    def serve(self, block, script):
        log = self.folder / ".served"
        with open(log, "w") as out:
            server = subprocess.Popen(["bash", "-c", "exec " + script], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                      stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.servers.append(server)
        end = time.monotonic() + 20
        while "Ctrl-C" not in log.read_text() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        if server.poll() is not None or "Ctrl-C" not in log.read_text():
            fail(block.place, f"the server does not start:\n{log.read_text()}")
        else:
            self.check_output(block, log.read_text())

    def compiled(self, block):
        """C and C++: fragments become the body of a function."""
        cpp = block.language == "cpp"
        given = block.marks.get("given", "")
        code = block.text
        whole = re.search(r"\bmain\(", code)
        if block.file:
            (self.folder / block.file).write_text(code)
            self.unused[block.file] = block.place  # a command compiles it
            return
        if not whole:
            lines = (given + "\n" + code).splitlines()
            includes = [line for line in lines if line.startswith("#include")]
            body = [line for line in lines if not line.startswith("#include")]
            code = "\n".join([*includes, "#include <stdio.h>", "int main(void) {", *body, "return 0; }"]) + "\n"
        source = self.folder / f".block.{block.language}"
        source.write_text(code)
        program = self.folder / ".block"
        compiler = ["c++", "-std=c++20"] if cpp else ["cc", "-std=c99"]
        flags = ["-Wall", "-Wextra", "-Wno-unused"] + ([] if whole else ["-Wno-unused-value"])
        prefix = self.environment["CMAKE_PREFIX_PATH"]
        link = ["-o", str(program), "-L", self.environment["LD_LIBRARY_PATH"], "-lscrawl_decoding", "-lscrawl"]
        result = self.call([*compiler, *flags, "-Werror", f"-I{prefix}/include", str(source), *link])
        if result.returncode != 0:
            fail(block.place, f"it does not compile:\n{result.stdout}")
        else:
            self.check_run(block, self.call([str(program)]))

    def check_run(self, block, result):
        if result.returncode != 0:
            fail(block.place, f"exit code {result.returncode}:\n{result.stdout}")
            return
        # std::cout << text << '\n';  // 7
        for comment in re.findall(r"(?:std::cout|print).*(?://|#) (\d+)$", block.text, re.M):
            if comment not in result.stdout.split():
                fail(block.place, f"its comment says {comment}, it prints {result.stdout}")
        self.changed.unlink(missing_ok=True)
        self.check_output(block, result.stdout)

    def python(self, blocks):
        """One or several blocks that are one program."""
        code = "\n".join(block.marks.get("given", "") + "\n" + block.text for block in blocks)
        try:
            compile(code, blocks[0].place, "exec")
        except SyntaxError as error:
            fail(blocks[0].place, f"no Python: {error}")
            return
        missing = [name for name in sorted(set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.M)) | set(re.findall(r"^import .*, (\w+)", code, re.M)))
                   if name != "scrawl" and importlib.util.find_spec(name) is None]
        if re.search(r"^import scrawl|^from scrawl", code, re.M) and not list((self.build / "python").glob("scrawl/_scrawl*.so")):
            missing.append("scrawl, which is built where pybind11 is")
        if missing:
            for block in blocks:
                skipped.append((block.place, f"needs {', '.join(missing)}, not here"))
            return
        for pattern, shorter in PYTHON_SHORTER:
            code = code.replace(pattern, shorter)
        (self.folder / ".block.py").write_text(code)
        result = self.call([sys.executable, ".block.py"])
        if result.returncode != 0:
            fail(blocks[0].place, f"exit code {result.returncode}:\n{result.stdout}")
            return
        shown = [line for block in blocks if block.output for line in ["...", *block.output.lines]]
        if len(blocks) == 1:
            self.check_run(blocks[0], result)
        elif shown:
            problem = compare([*shown, "..."], result.stdout.splitlines(), True)
            if problem:
                fail(blocks[0].place, problem)

    def run(self, blocks):
        for i, block in enumerate(blocks):
            if "not run" in block.marks:
                skipped.append((block.place, block.marks["not run"]))
            elif block.language == "sh":
                self.sh(block)
            elif block.language in ("c", "cpp"):
                self.compiled(block)
            elif block.language == "python":
                self.program.append(block)
                ahead = [b for b in blocks[i + 1:] if b.language == "python"]
                if not (ahead and "goes on" in ahead[0].marks):
                    self.python(self.program)
                    self.program = []
            elif block.file:
                (self.folder / block.file).write_text(block.text)
                self.unused[block.file] = block.place
            elif block.language != "text":
                fail(block.place, f"a block of {block.language} that is neither run nor marked <!-- not run: REASON -->")
        for name, place in self.unused.items():
            fail(place, f"no command behind it names {name}")

    def end(self):
        for server in self.servers:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
                try:
                    server.wait(10)
                except subprocess.TimeoutExpired:
                    os.killpg(server.pid, signal.SIGKILL)


# A training in PyTorch takes seconds an epoch: one epoch, and a tenth of the images, or fewer.
PYTHON_SHORTER = [
    ("range(5)", "range(1)"),
    ("random_split(images, [50000, 10000])", "random_split(images, [5000, 1000, 54000])[:2]"),
    ("accuracy(network, test_images)", "accuracy(network, torch.utils.data.Subset(test_images, range(500)))"),
]


def small_mnist(mnist, folder, counts):
    """MNIST's first images, as IDX files."""
    folder.mkdir(parents=True)
    for name, images in zip(("train", "t10k"), counts):
        for kind, header, size in (("images-idx3", 16, 784), ("labels-idx1", 8, 1)):
            data = (mnist / f"{name}-{kind}-ubyte").read_bytes()
            (folder / f"{name}-{kind}-ubyte").write_bytes(data[:4] + images.to_bytes(4, "big") + data[8:header + images * size])


def one_with_long_flag():
    """A 1 as many in Europe write it, drawn with a round pen, as a PNG file; the built-in model takes it for a 7."""
    width, height, radius = 120, 140, 4
    levels = [bytearray(b"\xff" * width) for _ in range(height)]
    for (x, y), (to_x, to_y) in (((17, 47), (68, 22)), ((68, 22), (62, 118))):
        for i in range(201):
            at_x, at_y = int(x + (to_x - x) * i / 200), int(y + (to_y - y) * i / 200)
            for down in range(-radius, radius + 1):
                for across in range(-radius, radius + 1):
                    if down * down + across * across <= radius * radius:
                        levels[at_y + down][at_x + across] = 20

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in levels))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# ---- What stands in one place ------------------------------------------------------------------------

FIGURES = {"README.md", "README.zh-CN.md", "docs/TUTORIAL.md", "docs/TUTORIAL.zh-CN.md"}


def check_tables(checker, name, text):
    """Each table that a command is said to print."""
    for match in re.finditer(r"^<!-- printed by: scrawl (.*) -->\n((?:\|.*\n)*)", text, re.M):
        printed = subprocess.run([checker.scrawl, *match[1].split()], stdout=subprocess.PIPE, text=True).stdout
        if printed != match[2]:
            fail(f"{name}:{text[:match.start()].count(chr(10)) + 1}", f"the table is not what scrawl {match[1]} prints:\n{printed}")


def check_figures(checker, name, lines):
    """An accuracy with its deviation is one of a preset, the seconds or minutes behind it in the line are the same preset's."""
    table = subprocess.run([checker.scrawl, "generate", "presets"], stdout=subprocess.PIPE, text=True).stdout
    seconds = {row[1]: float(row[2]) for row in re.finditer(r"\| ([\d.]+ ± [\d.]+ %) \| \d+ \| ([\d.]+) \|", table)}
    for number, line in enumerate(lines, 1):
        for match in re.finditer(r"(\d\d\.\d\d ± \d\.\d\d %)((?:(?!\d ± ).)*)", line):
            time = re.search(r"([\d.]+)(?:\*\*)? (s|minutes|分钟)(?!\w)", match[2])
            if match[1] not in seconds:
                fail(f"{name}:{number}", f"{match[1]}, which is no preset's; scrawl generate presets has {', '.join(seconds)}")
            elif time and float(time[1]) != (seconds[match[1]] if time[2] == "s" else round(seconds[match[1]] / 60)):
                fail(f"{name}:{number}", f"{time[0]} for {match[1]}; scrawl generate presets has {seconds[match[1]]} s")


# Parts of the library, whose texts do not know the command line.
FLAGLESS = ("dataset", "files", "formats", "network", "personalization", "picture", "recognition", "training")


def check_library_texts():
    """What the library says is read by callers from C++, C and Python too, who have no options to give."""
    for path in sorted(path for part in FLAGLESS for path in (ROOT / "src" / part).glob("*.?pp")):
        if path.name == "npm.cpp":  # the options are npm's
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r'"(?!bench/)[^"]*--[a-z][^"]*"', line.partition("//")[0]):
                fail(f"{path.relative_to(ROOT)}:{number}", "a text of the library names an option of the command line")


def prepare(build, scratch, mnist):
    """What the documentation takes as given: an installed library, and in each folder pictures and models."""
    small_mnist(mnist, scratch / "cache/scrawl/mnist", IMAGES["small"])
    small_mnist(mnist, scratch / "least", IMAGES["least"])
    (scratch / "mnist").symlink_to(mnist)
    subprocess.run(["cmake", "--install", build, "--prefix", scratch / "usr"], check=True, stdout=subprocess.DEVNULL)
    given = scratch / "given"
    (given / "build/release").mkdir(parents=True)
    (given / "build/release/python").symlink_to(build / "python")
    program = given / "build/release/scrawl"
    program.write_text(f"""#!/usr/bin/env bash
args=("$@")
has() {{ local word; for word in "${{args[@]}}"; do [[ $word != "$1" ]] || return 0; done; return 1; }}
change() {{ touch "$DOCS_CHANGED"; }}
case $1 in{SHORTER}esac
exec "$SCRAWL" "${{args[@]}}"
""")
    program.chmod(0o755)
    shutil.copytree(ROOT / "examples", given / "examples")
    for name, picture in PICTURES.items():
        shutil.copy(ROOT / "examples/pictures" / picture, given / name)
    (given / "my1.png").write_bytes(one_with_long_flag())
    (given / "scans").mkdir()
    shutil.copy(given / "7.png", given / "scans/7.png")
    (given / "MNIST").mkdir()  # as torchvision has it below its root
    (given / "MNIST/raw").symlink_to(mnist)

    def scrawl(*words):
        subprocess.run([build / "scrawl", *words], cwd=given, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    train = ["train", "--data", scratch / "least", "--epochs", "1", "--val", "200", "--out"]
    # On all images: what is measured when it is imported has to be the network that it is.
    scrawl("train", "--data", mnist, "--epochs", "1", "--out", "model.safetensors")
    scrawl(*train, "lenet.safetensors", "--model",
           "conv 6 5, tanh, average-pool 2, conv 16 5 valid, tanh, average-pool 2, dense 120, tanh, dense 84, tanh, dense 10")
    shutil.copy(given / "model.safetensors", given / "mlp.safetensors")
    scrawl("export", "model.safetensors", "--onnx")
    for name in ("model", "lenet"):
        scrawl("export", f"{name}.safetensors", "--pth")
    shutil.copy(given / "model.pth", given / "model_best.pth")


def compare_translation(original, path):
    """The same blocks, but for comments, and as many headings."""
    def code(block):
        return [block.language] + [re.sub(r"(^|\s+)(#|//) .*", "", line) for line in block.lines]

    blocks, _, headings = parse(path)
    wanted, _, count = parse(original)
    def flat(all_blocks):
        return [part for block in all_blocks for part in ((block, block.output) if block.output else (block,))]
    for ours, theirs in zip(flat(blocks), flat(wanted)):
        if code(ours) != code(theirs):
            fail(ours.place, f"another block than {theirs.place}")
            return
    if len(flat(blocks)) != len(flat(wanted)):
        fail(path.name, f"{len(flat(blocks))} blocks, {original.name} has {len(flat(wanted))}")
    if headings != count:
        fail(path.name, f"{headings} headings, {original.name} has {count}")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = Path(sys.argv[1]).resolve()
    found = json.loads(subprocess.run([build / "scrawl", "data", "verify", "--json"], stdout=subprocess.PIPE, text=True).stdout)
    if not found["ok"]:
        print("skipped: no MNIST here; get it with `scrawl data fetch`")
        return 77
    mnist = Path(found["files"][0]["path"]).parent
    documents = [ROOT / name for name in sys.argv[2:]] or sorted(
        {ROOT / "README.md", *ROOT.glob("*.zh-CN.md"), *ROOT.glob("CONTRIBUTING.md"), *ROOT.glob("docs/*.md"), ROOT / "python/README.md"})
    checker = Checker(build)
    check_library_texts()
    ran = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        prepare(build, scratch, mnist)
        for path in documents:
            name = str(path.relative_to(ROOT))
            blocks, text, _ = parse(path)
            checker.text(name, text)
            check_tables(checker, name, path.read_text(encoding="utf-8"))
            if name in FIGURES:
                check_figures(checker, name, text)
            if path.name.endswith(".zh-CN.md"):
                compare_translation(path.with_name(path.name.replace(".zh-CN", "")), path)
                continue
            start = time.monotonic()
            for block in blocks:
                checker.block(block)
            runner = Runner(build, scratch, name)
            before = len(skipped)
            try:
                runner.run(blocks)
            finally:
                runner.end()
            count = sum(block.language in RUN for block in blocks) - (len(skipped) - before)
            ran += count
            print(f"{name}: {count} blocks run, {time.monotonic() - start:.1f} s", flush=True)
    for place, reason in skipped:
        print(f"not run: {place}: {reason}")
    print(f"{ran} blocks run, {len(skipped)} looked at alone, {len(failures)} failures")
    return 1 if failures or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
