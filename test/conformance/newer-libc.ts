import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The official runner's binary asks for this version of the GNU C library. */
const neededGlibc = 2.38;
const neededRelease = "trixie";
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cache = join(root, "node_modules", ".cache", "octane-proxy", `glibc-${neededRelease}`);

/**
 * What to put before a command so that it runs with a C library that is new enough: nothing where the system's own is,
 * else the loader of a later Debian release, fetched with apt and unpacked beside the packages, nothing installed.
 * @throws Error that says what to do where neither is possible.
 */
export function loaderPrefix(): string[] {
  if (process.platform !== "linux" || systemGlibc() >= neededGlibc) return [];
  if (!existsSync(cache)) fetchLibraries();
  const libraries = join(cache, "usr", "lib", "x86_64-linux-gnu");
  return [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries];
}

function systemGlibc(): number {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return Number(report.header.glibcVersionRuntime ?? Number.POSITIVE_INFINITY);
}

function fetchLibraries(): void {
  try {
    mkdirSync(join(cache, ".."), { recursive: true });
    const work = mkdtempSync(join(cache, "..", "fetch-"));
    for (const folder of ["lists/partial", "archives/partial", "root"]) {
      mkdirSync(join(work, folder), { recursive: true });
    }
    writeFileSync(join(work, "sources.list"), `deb ${debianMirror()} ${neededRelease} main\n`);
    const apt = (...args: string[]) =>
      execFileSync(
        "apt-get",
        [
          ["Dir::Etc::sourcelist", join(work, "sources.list")],
          ["Dir::Etc::sourceparts", "-"],
          ["Dir::State::lists", join(work, "lists")],
          ["Dir::Cache", work],
          ["Acquire::Languages", "none"],
        ]
          .flatMap(([key, value]) => ["-o", `${key}=${value}`])
          .concat(args),
        { cwd: work, stdio: ["ignore", "ignore", "pipe"] },
      );
    apt("update");
    apt("download", "libc6", "libstdc++6", "libgcc-s1");
    for (const name of readdirSync(work).filter((file) => file.endsWith(".deb"))) {
      execFileSync("dpkg-deb", ["-x", join(work, name), join(work, "root")]);
    }
    renameSync(join(work, "root"), cache);
  } catch (cause) {
    throw new Error(
      `the official protobuf conformance runner needs glibc ${neededGlibc}; this system has ${systemGlibc()}, and ` +
        `fetching a newer one with apt failed. Run the tests on a system with glibc ${neededGlibc} or newer.`,
      { cause },
    );
  }
}

/** The mirror that this machine's own apt sources name. */
function debianMirror(): string {
  const folder = "/etc/apt/sources.list.d";
  const files = ["/etc/apt/sources.list", ...readdirSync(folder).map((name) => join(folder, name))];
  for (const file of files.filter((name) => existsSync(name))) {
    const found = /^(?:URIs:|deb)\s+(?:\[[^\]]*\]\s+)?(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(
      readFileSync(file, "utf8"),
    );
    if (found?.[1]) return found[1];
  }
  throw new Error("no Debian mirror stands in /etc/apt/sources.list or /etc/apt/sources.list.d");
}
