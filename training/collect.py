#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Collects source code of permissively licensed packages of Debian: packages.txt says of which.

    training/collect.py [--out build/training]

Writes OUT/files.jsonl (repository, path, language, split, text) and training/manifest.csv. Uses apt with the sources of
this system and a state folder of its own; nothing is installed.
"""
import argparse
import collections
import csv
import io
import json
import pathlib
import re
import subprocess
import tarfile

import filters
import languages
import licences

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# Where binary packages keep source text.
INSTALLED = re.compile(
    r"^usr/(?:lib/python3/dist-packages|share/gocode/src/[^/]+/[^/]+|share/cargo/registry|share/nodejs|lib/nodejs"
    r"|include|share/javascript|bin|sbin|share|lib)/")
TESTS = re.compile(r"(?:^|/)(?:tests?|testing|testdata|benchmarks?|examples?|docs?|fixtures)/|_test\.go$|\.test\.[jt]s$")


class Apt:
    """apt-get that reads the system's sources, also for source packages, and keeps its state in a folder of ours."""

    def __init__(self, folder):
        self.folder = folder
        self.downloads = folder / "downloads"
        for name in ("lists/partial", "cache/archives/partial", "downloads"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        sources = ""
        for file in sorted(pathlib.Path("/etc/apt/sources.list.d").glob("debian*.sources")):
            sources += re.sub(r"(?m)^Types:.*", "Types: deb deb-src", file.read_text()) + "\n"
        (folder / "debian.sources").write_text(sources)
        self.options = ["-o", f"Dir::Etc::sourcelist={folder}/debian.sources", "-o", "Dir::Etc::sourceparts=/dev/null",
                        "-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache",
                        "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3"]

    def run(self, *words):
        return subprocess.run(["apt-get", *self.options, *words], cwd=self.downloads, capture_output=True, text=True)

    def fetch(self, kind, package):
        """The files of a package; empty when the system's sources do not have it."""
        folder = self.downloads / f"{kind}-{package}"
        if not folder.is_dir():
            folder.mkdir()
            words = ["download", package] if kind == "binary" else ["source", "--download-only", package]
            subprocess.run(["apt-get", *self.options, *words], cwd=folder, capture_output=True)
        return sorted(folder.iterdir())


def text_members(archive):
    for member in archive:
        if member.isfile() and member.size <= filters.MOST_BYTES:
            raw = archive.extractfile(member).read()
            try:
                yield member.name.removeprefix("./"), raw.decode()
            except UnicodeDecodeError:
                pass


def read_binary(files):
    """(version, rows of the licence, [(path, text)]) of a .deb."""
    (deb,) = [file for file in files if file.suffix == ".deb"]
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], capture_output=True, check=True).stdout
    rows, found = None, []
    for path, text in text_members(tarfile.open(fileobj=io.BytesIO(tar))):
        if re.fullmatch(r"usr/share/doc/[^/]+/copyright", path):
            rows = licences.parse_copyright(text)
        elif INSTALLED.match(path):
            found.append((INSTALLED.sub("", path), text))
    if rows is None:
        raise licences.NotMachineReadable
    return deb.name.split("_")[1].replace("%3a", ":"), rows, found


def read_source(files):
    version, rows, found = "", None, []
    for file in files:
        if file.suffix == ".dsc":
            version = re.search(r"(?m)^Version: (\S+)", file.read_text()).group(1)
        if ".tar." not in file.name or file.suffix == ".asc":
            continue
        for path, text in text_members(tarfile.open(file)):
            inner = path.split("/", 1)[-1]
            if path == "debian/copyright" or inner == "debian/copyright":
                rows = licences.parse_copyright(text)
            elif not path.startswith("debian/"):
                found.append((inner, text))
    if rows is None:
        raise licences.NotMachineReadable
    return version, rows, found


def read_package(kind, files):
    """(version, [(path, text, licence)]): what may be learned from."""
    if kind == "source":
        version, rows, found = read_source(files)
        with_licence = [(path, text, licences.find_licence(rows, path)) for path, text in found]
        return version, [row for row in with_licence if row[2] and licences.is_permissive(row[2])]
    version, rows, found = read_binary(files)
    licence = licences.common_licence(rows)
    return version, [(path, text, licence) for path, text in found] if licence else []


def add_own_tests(seen):
    """What the project is tested and measured with must not be learned by heart."""
    listed = subprocess.run(["git", "ls-files", "tests", "bench"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        try:
            seen.add((ROOT / name).read_text())
        except (UnicodeDecodeError, OSError):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/training")
    parser.add_argument("--packages", type=pathlib.Path, default=HERE / "packages.txt")
    parser.add_argument("--manifest", type=pathlib.Path, default=HERE / "manifest.csv")
    parser.add_argument("--language-bytes", type=int, default=3_500_000, help="at most so much of a language to train on")
    parser.add_argument("--package-bytes", type=int, default=700_000, help="… and of one package")
    options = parser.parse_args()
    apt = Apt(options.out / "apt")
    apt.run("update")
    wanted = [line.split() for line in options.packages.read_text().splitlines() if line and not line.startswith("#")]
    # Held-out ones first: what is like them is then kept out of the training.
    wanted.sort(key=lambda row: row[2] != "held-out")
    seen, taken, left_out = filters.SeenLines(), collections.Counter(), collections.Counter()
    add_own_tests(seen)
    with open(options.out / "files.jsonl", "w") as out, open(options.manifest, "w", newline="") as manifest:
        table = csv.writer(manifest, lineterminator="\n")
        table.writerow(["package", "version", "kind", "split", "licence", "files", "bytes"])
        for kind, package, split in wanted:
            try:
                version, files = read_package(kind, apt.fetch(kind, package))
            except (licences.NotMachineReadable, ValueError, tarfile.TarError) as error:
                print(f"{package}: left out ({type(error).__name__})", flush=True)
                continue
            count, size, names = 0, 0, set()
            for path, text, licence in files:
                language = languages.find_language(path, text)
                if language is None or TESTS.search(path):
                    continue
                reason = filters.reason_against(path, text) or ("copy" if seen.is_copy(text) else None)
                if not reason and split == "train" and taken[language, split] > options.language_bytes:
                    reason = "enough of the language"
                if not reason and size > options.package_bytes:
                    reason = "enough of the package"
                if reason:
                    left_out[reason] += 1
                    continue
                seen.add(text)
                out.write(json.dumps({"repository": package, "path": path, "language": language, "split": split,
                                      "text": text}) + "\n")
                taken[language, split] += len(text)
                count, size = count + 1, size + len(text.encode())
                names.add(licence)
            if count:
                table.writerow([package, version, kind, split, " / ".join(sorted(names)), count, size])
            print(f"{package}: {count} files, {size} bytes", flush=True)
    print("bytes:", {f"{language} {split}": size for (language, split), size in sorted(taken.items())})
    print("left out:", dict(left_out))


if __name__ == "__main__":
    main()
