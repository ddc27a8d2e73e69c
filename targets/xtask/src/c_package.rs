//! `cargo xtask c --package`: Debian packages of the C library, and its header for programs that keep a copy of it.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{
    install::{self, Tool},
    process::{output, run, step},
    workspace,
};

/// The tools that build the packages.
pub const TOOLS: [&Tool; 5] = [
    &Tool { file: "make", package: "make", purpose: "installs the C library" },
    &Tool { file: "gcc", package: "gcc", purpose: "compiles the POSIX part of the C library" },
    &Tool { file: "readelf", package: "binutils", purpose: "reads which libc the library needs" },
    &Tool { file: "dpkg-deb", package: "dpkg", purpose: "packs the C library" },
    &Tool { file: "pkg-config", package: "pkg-config", purpose: "finds the installed library" },
];

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The maintainer whom the packages name. A distribution replaces it.
const MAINTAINER: &str = "The Oncilla project <oncilla@localhost>";

/// What a build consists of.
#[derive(Debug)]
pub struct Packages {
    /// `liboncilla0.1`: the shared library.
    pub library: PathBuf,
    /// `liboncilla-dev`: headers, static libraries, and the files for pkg-config and CMake.
    pub development: PathBuf,
    /// `oncilla-VERSION.h`
    pub header: PathBuf,
}

/// Builds the packages for this machine's architecture, and prints their paths.
pub fn build(out: &Path) -> Result<()> {
    install::tools(&TOOLS)?;
    let packages = packages(out)?;
    for path in [&packages.library, &packages.development, &packages.header] {
        println!("{} ({} bytes)", path.display(), fs::metadata(path)?.len());
    }
    Ok(())
}

/// Builds the packages in a folder.
pub fn packages(out: &Path) -> Result<Packages> {
    step("packing the C library");
    let work = workspace::target().join("c-package");
    let staged = work.join("staged");
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    let triplet = output(Command::new("gcc").arg("-dumpmachine"))?;
    let lib = format!("usr/lib/{triplet}");
    let mut make = Command::new("make");
    make.arg("-C").arg(workspace::root().join("targets/capi")).args(["all", "install", "PREFIX=/usr"]);
    make.arg(format!("LIBDIR=/{lib}")).arg(format!("DESTDIR={}", staged.display()));
    run(make.arg(format!("BUILD={}", work.join("build").display())).stdout(std::io::stderr()))?;
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let out = &fs::canonicalize(out)?;

    let series = series();
    let shared = staged.join(&lib).join(format!("liboncilla.so.{VERSION}"));
    run(Command::new("strip").arg("--strip-unneeded").arg(&shared))?;
    for archive in ["liboncilla.a", "liboncilla_posix.a"] {
        run(Command::new("strip").arg("--strip-debug").arg(staged.join(&lib).join(archive)))?;
    }
    let name = format!("liboncilla{series}");
    let library = Package {
        summary: "ONC RPC for microcontrollers and hosts: shared library",
        section: "libs",
        depends: format!("libc6 (>= {}), libgcc-s1", libc_of(&shared)?),
        more: "Multi-Arch: same\n",
        root: work.join(&name),
        name: name.clone(),
    };
    let development = Package {
        summary: "ONC RPC for microcontrollers and hosts: headers and static library",
        section: "libdevel",
        depends: format!("{name} (= {VERSION})"),
        more: "Multi-Arch: same\n",
        root: work.join("liboncilla-dev"),
        name: "liboncilla-dev".into(),
    };
    library.begin()?;
    development.begin()?;
    // The development package has all that programs need only when they are built.
    fs::rename(staged.join("usr"), development.root.join("usr"))?;
    let to = library.root.join(&lib);
    fs::create_dir_all(&to)?;
    for file in [format!("liboncilla.so.{VERSION}"), format!("liboncilla.so.{series}")] {
        fs::rename(development.root.join(&lib).join(&file), to.join(&file))?;
    }
    let control = library.root.join("DEBIAN");
    fs::write(control.join("shlibs"), format!("liboncilla {series} {name} (>= {VERSION})\n"))?;
    fs::write(control.join("triggers"), "activate-noawait ldconfig\n")?;
    let header = out.join(format!("oncilla-{VERSION}.h"));
    let text = fs::read_to_string(workspace::root().join("targets/capi/include/oncilla.h"))?;
    fs::write(&header, format!("/* Oncilla {VERSION}. */\n{text}"))?;
    Ok(Packages { library: library.pack(out)?, development: development.pack(out)?, header })
}

/// Returns what the name of a compatible shared library ends with: `0.1` for version 0.1.7, `2` for version 2.3.4.
pub fn series() -> String {
    let mut numbers = VERSION.split('.');
    match (numbers.next(), numbers.next()) {
        (Some("0"), Some(minor)) => format!("0.{minor}"),
        (major, _) => major.unwrap_or_default().to_owned(),
    }
}

/// Returns the oldest version of the C library that has what a shared library needs.
fn libc_of(library: &Path) -> Result<String> {
    let needs = output(Command::new("readelf").args(["--version-info", "--wide"]).arg(library))?;
    let versions = needs.split("GLIBC_").skip(1).filter_map(|rest| {
        let number = |part: &str| part.parse::<u32>().ok();
        let text = rest.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next()?;
        let (major, minor) = text.split_once('.')?;
        Some((number(major)?, number(minor.split('.').next()?)?))
    });
    let (major, minor) = versions.max().context("the shared library needs no version of libc")?;
    Ok(format!("{major}.{minor}"))
}

/// A package before it is packed.
struct Package {
    name: String,
    summary: &'static str,
    section: &'static str,
    depends: String,
    more: &'static str,
    root: PathBuf,
}

impl Package {
    /// Creates the folder with what every package has.
    fn begin(&self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        fs::create_dir_all(self.root.join("DEBIAN"))?;
        Ok(())
    }

    /// Packs the folder, and returns the path of the package.
    fn pack(&self, out: &Path) -> Result<PathBuf> {
        let doc = self.root.join("usr/share/doc").join(&self.name);
        fs::create_dir_all(&doc)?;
        let licence = |name: &str| fs::read_to_string(workspace::root().join(name));
        let (mit, apache) = (licence("LICENSE-MIT")?, licence("LICENSE-APACHE")?);
        fs::write(doc.join("copyright"), format!("MIT or Apache-2.0, at your choice.\n\n{mit}\n\n{apache}"))?;

        let files = files(&self.root)?;
        let sizes = files.iter().map(|file| Ok(fs::symlink_metadata(self.root.join(file))?.size().div_ceil(1024)));
        let size: u64 = sizes.sum::<Result<u64>>()?;
        let is_file = |file: &&PathBuf| !self.root.join(file).is_symlink();
        let sums = output(Command::new("md5sum").args(files.iter().filter(is_file)).current_dir(&self.root))?;
        fs::write(self.root.join("DEBIAN/md5sums"), sums + "\n")?;
        let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
        let Self { name, summary, section, depends, more, .. } = self;
        let control = format!(
            "Package: {name}\nSource: oncilla\nVersion: {VERSION}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n\
             Installed-Size: {size}\nDepends: {depends}\nSection: {section}\nPriority: optional\n{more}Description: {summary}\n \
             Synchronous remote procedure calls (RFC 5531) with XDR (RFC 4506) for C99 and\n C++. The program lends all memory; \
             nothing is allocated.\n"
        );
        fs::write(self.root.join("DEBIAN/control"), control)?;
        let package = out.join(format!("{name}_{VERSION}_{architecture}.deb"));
        let mut dpkg = Command::new("dpkg-deb");
        dpkg.args(["--build", "--root-owner-group"]).arg(&self.root).arg(&package);
        run(dpkg.stdout(std::io::stderr()))?;
        ensure!(package.is_file(), "dpkg-deb has made no {}", package.display());
        Ok(package)
    }
}

/// Returns the files of a package relative to its folder, in the order of their names.
fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![root.join("usr")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(root)?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Unpacks the packages into a folder, as dpkg does into the system, and builds and runs a program with them.
pub fn test() -> Result<()> {
    install::tools(&TOOLS)?;
    let out = workspace::target().join("c-package");
    let packages = packages(&out)?;
    let system = out.join("system");
    if system.exists() {
        fs::remove_dir_all(&system)?;
    }
    for package in [&packages.library, &packages.development] {
        run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&system))?;
    }
    let triplet = output(Command::new("gcc").arg("-dumpmachine"))?;
    let lib = system.join("usr/lib").join(triplet);
    let flags = output(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "oncilla-posix"])
            .env("PKG_CONFIG_LIBDIR", lib.join("pkgconfig"))
            .env("PKG_CONFIG_SYSROOT_DIR", &system),
    )?;
    let program = out.join("uses-oncilla");
    let source = workspace::root().join("targets/capi/tests/package/main.c");
    run(Command::new("gcc").arg("-o").arg(&program).arg(source).args(flags.split_whitespace()))?;
    let said = output(Command::new(&program).env("LD_LIBRARY_PATH", &lib))?;
    ensure!(said == "-7, a port is free", "a program with the packages printed {said:?}");
    let depends = output(Command::new("dpkg-deb").arg("--field").arg(&packages.development).arg("Depends"))?;
    ensure!(
        depends == format!("liboncilla{} (= {VERSION})", series()),
        "the development package depends on {depends:?}"
    );
    println!("test a program is built and runs with the Debian packages of the C library ... ok");
    Ok(())
}
