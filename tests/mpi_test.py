#!/usr/bin/env python3
# scrawl-mpi as mpirun starts it: the same weights on any number of ranks, and what is said where they cannot go on.
# usage: mpi_test.py CASE MPIRUN SCRAWL SCRAWL_MPI; exit code 77: skipped
import os
import pathlib
import random
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time

CASE, MPIRUN, SCRAWL, SCRAWL_MPI = sys.argv[1:5]
# More ranks than cores, and as root, as in a container: Open MPI wants to be told.
ENVIRONMENT = os.environ | {"OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1",
                            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_hwloc_base_binding_policy": "none"}
NETWORK = "conv 8 3, norm, relu, max-pool 2, conv 8 3, norm, relu, max-pool 3, dense 10"
OPTIONS = ["--model", NETWORK, "--momentum", "0.9", "--nesterov", "--weight-decay", "0.001", "--weight-ema", "0.9",
           "--augment", "light", "--outliers", "0.15", "--rare-styles", "0.05", "--lr", "0.05", "--batch", "150",
           "--val", "100", "--threads", "1"]  # 150 images and 30 extras are six chunks, the last of them smaller
here = pathlib.Path(tempfile.mkdtemp(prefix="scrawl-mpi-test-"))


def make_data(folder, seed, images=600):
    """Digits of a kind: each class has ink in a place of its own."""
    folder.mkdir()
    chance = random.Random(seed)
    labels = bytes(i % 10 for i in range(images))
    pixels = bytearray()
    for label in labels:
        glyph = bytearray(784)
        for _ in range(60):
            row = 4 + 2 * label + chance.randrange(3)
            glyph[28 * row + 6 + chance.randrange(16)] = 128 + chance.randrange(128)
        pixels += glyph
    (folder / "train-images-idx3-ubyte").write_bytes(struct.pack(">4I", 0x803, images, 28, 28) + pixels)
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, images) + labels)
    return folder


def train(out, *more):
    return ["train", "--data", str(here / "data"), *OPTIONS, "--out", str(here / out), *more]


def run(command, **keywords):
    keywords = {"env": ENVIRONMENT} | keywords
    result = subprocess.run(command, capture_output=True, text=True, timeout=250, check=False, **keywords)
    result.both = result.stdout + result.stderr
    return result


def mpirun(ranks, *arguments):
    return run([MPIRUN, "-n", str(ranks), SCRAWL_MPI, *arguments])


def expect(condition, what):
    if not condition:
        sys.exit(f"{CASE}: {what}")


def expect_trained(result):
    expect(result.returncode == 0, f"exit code {result.returncode}: {result.both}")


def model(name):
    return (here / name).read_bytes()


def messages_in(said):
    """How many, but for what every training says of data that are no real digits."""
    return sum(line.startswith("scrawl: ") and "images the built-in model reads" not in line for line in said.splitlines())


def expect_said(result, *texts):
    expect(result.returncode != 0, "no error")
    for text in texts:
        expect(text in result.both, f"'{text}' is not said: {result.both}")
    expect(messages_in(result.both) == 1, f"said more than once: {result.both}")


def same_weights():
    expect_trained(run([SCRAWL, *train("alone", "--epochs", "2")]))
    for ranks in (1, 2, 3, 4, 8):
        result = mpirun(ranks, *train(f"on{ranks}", "--epochs", "2"))
        expect_trained(result)
        expect(model(f"on{ranks}") == model("alone"), f"other weights on {ranks} ranks")
        expect(result.stdout.count("accuracy") == 1, f"the result is printed more than once: {result.stdout}")
    expect_trained(mpirun(3, *train("fast", "--epochs", "2", "--reduce", "fast")))


def same_weights_with_teachers_and_of_dense_layers():
    expect_trained(run([SCRAWL, *train("teacher", "--epochs", "1")]))
    for name, more in {"taught": ["--teacher", str(here / "teacher")], "dense": ["--model", "dense 20, relu, dense 10"],
                       "plain": ["--model", "mlp"]}.items():
        arguments = ["--data", str(here / "data"), "--epochs", "2", "--val", "100", "--batch", "100"]
        arguments += more if "--model" in more else ["--model", NETWORK, "--outliers", "0.1", *more]
        arguments += ["--momentum", "0.5", "--nesterov"] if name == "dense" else []
        expect_trained(run([SCRAWL, "train", *arguments, "--out", str(here / name)]))
        expect_trained(mpirun(3, "train", *arguments, "--out", str(here / (name + "3"))))
        expect(model(name) == model(name + "3"), f"{name}: other weights on 3 ranks")


def page_reader():
    """Of few crops: an epoch of 24, and those to choose by."""
    options = ["train", "--model", "reader", "--data", str(here / "data"), "--val", "100", "--batch", "8", "--epoch-pages", "24",
               "--epochs", "1", "--threads", "1"]
    expect_trained(run([SCRAWL, *options, "--out", str(here / "reader1")]))
    for ranks in (2, 4):
        expect_trained(mpirun(ranks, *options, "--out", str(here / f"reader{ranks}")))
        expect(model(f"reader{ranks}") == model("reader1"), f"other weights on {ranks} ranks")


def large_data(name, images):
    """Images without ink, which take no room on the disk; labels 0 to 9."""
    folder = here / name
    folder.mkdir()
    with open(folder / "train-images-idx3-ubyte", "wb") as file:
        file.write(struct.pack(">4I", 0x803, images, 28, 28))
        file.truncate(16 + 784 * images)
    labels = bytes(range(10)) * (images // 10)
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x801, images) + labels)
    return folder


# Starts a rank, and adds a line: the peak in kB of what it has in memory of its own and of files.
WITH_PEAK = """import os, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "a") as file: file.write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\\n")
sys.exit(code)"""


def peaks(ranks, *arguments):
    file = here / f"peaks{ranks}"
    result = run([MPIRUN, "-n", str(ranks), sys.executable, "-c", WITH_PEAK, str(file), SCRAWL_MPI, *arguments])
    expect_trained(result)
    return [int(line) for line in file.read_text().split()]


def memory():
    """Of images that are larger than the memory each rank may have; and it needs no more where there are more ranks."""
    large = large_data("large", 500000)  # 374 MB
    options = ["train", "--data", str(large), "--model", "dense 10", "--batch", "5000", "--val", "1000", "--epochs", "1",
               "--threads", "1", "--quiet", "--out", str(here / "large.safetensors")]
    limit = 200 << 20  # of what is no file's
    for command in ([SCRAWL, *options], [MPIRUN, "-n", "2", SCRAWL_MPI, *options]):
        expect_trained(run(command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))))
    options = train("peak", "--epochs", "1", "--quiet")
    most = {ranks: max(peaks(ranks, *options)) for ranks in (1, 2, 4)}
    print("peak memory of a rank in MB:", {ranks: round(peak / 1024, 1) for ranks, peak in most.items()})
    expect(most[4] <= most[1] + 16 * 1024, f"a rank of four takes {most[4]} kB, one alone {most[1]} kB")


def changed_data():
    """A file that is cut off while it is read from, by an alien command."""
    for ranks in (1, 2):
        make_data(here / f"changing{ranks}", 3)
        images = here / f"changing{ranks}" / "train-images-idx3-ubyte"
        arguments = [str(images.parent) if word == str(here / "data") else word for word in train("c", "--epochs", "100000")]
        child = subprocess.Popen([MPIRUN, "-n", str(ranks), SCRAWL_MPI, *arguments], env=ENVIRONMENT,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        end = time.time() + 60
        while len(processes()) < ranks and time.time() < end:
            time.sleep(0.1)
        time.sleep(2)
        os.truncate(images, 5000)
        said = child.communicate(timeout=60)[0]
        expect(child.returncode != 0, "exit code 0")
        expect(f"{images}: was 470416 bytes" in said and "is 5000 now" in said, f"not said: {said}")
        expect("Bus error" not in said and messages_in(said) == 1, f"said otherwise: {said}")


def resume():
    expect_trained(run([SCRAWL, *train("whole", "--epochs", "3")]))
    expect_trained(mpirun(2, *train("parts", "--epochs", "1")))
    expect_trained(mpirun(4, *train("parts", "--epochs", "2", "--resume")))
    expect_trained(run([SCRAWL, *train("parts", "--epochs", "3", "--resume")]))
    expect(model("parts") == model("whole"), "resumed on other numbers of ranks, the weights are others")


def processes():
    """Of scrawl-mpi, by rank."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(folder / "exe") != os.path.realpath(SCRAWL_MPI):
                continue
            if str(here) not in (folder / "cmdline").read_text():
                continue
            variables = (folder / "environ").read_text().split("\0")
        except OSError:
            continue
        for name in ("OMPI_COMM_WORLD_RANK=", "PMI_RANK="):
            for variable in variables:
                if variable.startswith(name):
                    found[int(variable[len(name):])] = int(folder.name)
    return found


def start_long(out):
    """A training that goes on until it is ended; has written its first checkpoint."""
    child = subprocess.Popen([MPIRUN, "-n", "3", SCRAWL_MPI, *train(out, "--epochs", "100000")], env=ENVIRONMENT,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    checkpoint = here / f"{out}.checkpoint"
    end = time.time() + 120
    while not checkpoint.exists() and time.time() < end:
        time.sleep(0.1)
    expect(checkpoint.exists(), "no checkpoint was written")
    return child


def expect_to_go_on(out):
    """From its checkpoint, on two ranks; it has more epochs than asked for."""
    result = mpirun(2, *train(out, "--epochs", "1", "--resume"))
    expect_trained(result)
    expect(result.stdout.startswith(str(here / out) + ": epoch"), result.both)


def lost_rank():
    for lost in (1, 0):
        child = start_long(f"lost{lost}")
        began = time.time()
        process = processes()[lost]
        os.kill(process, signal.SIGKILL)
        said = child.communicate(timeout=60)[0]
        expect(time.time() - began < 10, f"took {time.time() - began:.1f} s to end")
        expect(child.returncode != 0, "exit code 0")
        named = f"rank {lost} " in said or f"PID {process} " in said  # by mpirun, if what ranks print is lost
        expect(named and "--resume" in said, f"not said: {said}")
        expect(said.count("has died") <= 1, f"said more than once: {said}")
        expect_to_go_on(f"lost{lost}")


def stopped():
    child = start_long("stopped")
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=60)
    expect_to_go_on("stopped")


def errors():
    make_data(here / "other", 2)
    one, two = train("x"), train("y")
    nowhere = [str(here / "none") if word == str(here / "data") else word for word in two]
    elsewhere = [str(here / "other") if word == str(here / "data") else word for word in two]

    def pair(first, second):
        return run([MPIRUN, "-n", "1", *first, ":", "-n", "1", *second])

    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *two, "--seed", "7"]), "rank 1", "seed is '7'", "'1' on rank 0")
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *elsewhere]), "rank 1", "dataset is", "one data set")
    other_network = ["dense 10" if word == NETWORK else word for word in two]
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *other_network]), "rank 1", "architecture is 'dense 10'")
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *two, "--from", "builtin"]), "rank 1")
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *two, "--reduce", "fast"]), "rank 1", "--reduce")
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *two, "--resume"]), "rank 1", "--resume is 'given'", "'not given' on rank 0")
    other_build = here / "scrawl-mpi"
    other_build.write_bytes(pathlib.Path(SCRAWL_MPI).read_bytes() + b"compiled otherwise")
    other_build.chmod(0o755)
    expect_said(pair([SCRAWL_MPI, *one], [other_build, *two]), "rank 1", "program is", "install the same scrawl-mpi")
    expect_said(pair([SCRAWL_MPI, *one, "--precision", "f32"],
                     ["env", "ONEDNN_MAX_CPU_ISA=SSE41", SCRAWL_MPI, *two, "--precision", "f32"]), "rank 1", "instructions")
    expect_said(pair([SCRAWL_MPI, *one], [SCRAWL_MPI, *nowhere]), "rank 1 (process", "none", "scrawl data fetch")
    expect_said(mpirun(2, *nowhere), "none", "scrawl data fetch")
    expect_said(mpirun(2, *one, "--bath", "3"), "--bath")
    expect_said(mpirun(2, *one, "--resume"), "x.checkpoint")
    expect_said(mpirun(2, "train", "--scale-lr"), "--schedule cosine")
    other_mpirun = ENVIRONMENT | {"PMI_SIZE": "4", "OMPI_COMM_WORLD_SIZE": "4"}  # and nothing that this MPI knows
    expect_said(run([SCRAWL_MPI, *one], env=other_mpirun), "built with", "its mpirun")


def full_disk():
    """As a file that may not grow: rank 0 writes no more than a kilobyte, once there is a checkpoint."""
    child = start_long("full")
    whole = model("full.checkpoint")
    resource.prlimit(processes()[0], resource.RLIMIT_FSIZE, (1000, 1000))
    said = child.communicate(timeout=100)[0]
    expect(child.returncode != 0, "exit code 0")
    # Another rank may see it go before mpirun has ended all, and says so too.
    expect("rank 0 (process" in said and "cannot write" in said and messages_in(said) in (1, 2), f"not said: {said}")
    expect({file.name for file in here.glob("full*")} <= {"full", "full.checkpoint"}, "half a file is left")
    expect(len(model("full.checkpoint")) >= len(whole) // 2, "the last checkpoint is lost")


make_data(here / "data", 1)
try:
    globals()[CASE]()
finally:
    subprocess.run(["rm", "-rf", str(here)], check=True)
