//! The library as it is installed by make and by CMake, and programs that find it by pkg-config and `find_package`.

#[allow(dead_code, reason = "programs of the repository are compiled by other tests")]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{env, fs};

use support::run;

const SAID: &str = "-7, a port is free\n";

/// The folder in which both build. Each keeps what cargo has built for the other.
static BUILD: Mutex<()> = Mutex::new(());

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("package").join(name)
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns an empty prefix.
fn prefix(name: &str) -> PathBuf {
    let prefix = folder(name);
    // Usually there is nothing.
    let _ = fs::remove_dir_all(&prefix);
    fs::create_dir_all(&prefix).unwrap();
    prefix
}

fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn by_make(prefix: &Path) {
    let _alone = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut make = Command::new("make");
    make.arg("-C").arg(here()).args(["all", "install"]).env("CARGO", cargo());
    make.arg(format!("PREFIX={}", prefix.display())).arg(format!("BUILD={}", folder("build").display()));
    run(&mut make, "make gcc libc6-dev binutils");
}

fn by_cmake(prefix: &Path) {
    let _alone = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let cmake = |arguments: &[&str]| run(Command::new("cmake").args(arguments), "cmake gcc make");
    let (build, cargo) = (folder("build"), cargo());
    let (build, cargo) = (build.to_str().unwrap(), format!("-DCARGO={}", cargo.to_str().unwrap()));
    cmake(&["-S", here().to_str().unwrap(), "-B", build, "-DCMAKE_INSTALL_LIBDIR=lib", &cargo]);
    cmake(&["--build", build]);
    cmake(&["--install", build, "--prefix", prefix.to_str().unwrap()]);
}

/// Builds and runs programs with the library in the prefix.
fn is_usable(prefix: &Path) {
    let lib = prefix.join("lib");
    let runs = |program: &Path| {
        let output = run(Command::new(program).env("LD_LIBRARY_PATH", &lib), "libc6");
        assert_eq!(String::from_utf8_lossy(&output.stdout), SAID, "{}", program.display());
    };

    let mut pkg_config = Command::new("pkg-config");
    pkg_config.args(["--cflags", "--libs", "oncilla-posix"]).env("PKG_CONFIG_PATH", lib.join("pkgconfig"));
    let flags = String::from_utf8(run(&mut pkg_config, "pkg-config").stdout).unwrap();
    let program = prefix.join("by-pkg-config");
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&program);
    gcc.arg(here().join("tests/package/main.c")).args(flags.split_whitespace());
    run(&mut gcc, "gcc libc6-dev");
    runs(&program);
    let needed = run(Command::new("readelf").arg("-d").arg(&program), "binutils").stdout;
    let series = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    let soname = format!("Shared library: [liboncilla.so.{series}]");
    assert!(String::from_utf8_lossy(&needed).contains(&soname), "{soname} is not needed");

    let build = prefix.join("by-cmake");
    let configure = |version: &str| {
        let mut cmake = Command::new("cmake");
        cmake.arg("-S").arg(here().join("tests/package")).arg("-B").arg(&build);
        cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).arg(format!("-DWANTED={version}"));
        cmake
    };
    let newer = configure("99.0").output().unwrap();
    assert!(!newer.status.success(), "a version that is not installed was found");
    fs::remove_dir_all(&build).unwrap();
    run(&mut configure(series), "cmake");
    run(Command::new("cmake").arg("--build").arg(&build), "make gcc");
    ["shared", "static"].iter().for_each(|name| runs(&build.join(name)));
}

fn installed(prefix: &Path) -> Vec<PathBuf> {
    let mut folders = vec![prefix.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(prefix).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn make_and_cmake_install_the_same_files_and_programs_find_them() {
    let (of_make, of_cmake) = (prefix("of-make"), prefix("of-cmake"));
    by_make(&of_make);
    by_cmake(&of_cmake);
    let files = installed(&of_make);
    assert_eq!(files, installed(&of_cmake));
    assert_eq!(files.len(), 12, "{files:?}");
    is_usable(&of_make);
    is_usable(&of_cmake);

    // What make has installed, it removes.
    let again = prefix("of-make-again");
    by_make(&again);
    let mut make = Command::new("make");
    make.arg("-C").arg(here()).arg("uninstall").arg(format!("PREFIX={}", again.display()));
    run(&mut make, "make");
    assert!(installed(&again).is_empty(), "{:?} is left", installed(&again));
}

/// A folder is packed as `make install DESTDIR=…` leaves it; paths in it are those of the system that it is for.
#[test]
fn a_package_is_staged_in_another_folder() {
    let staged = prefix("staged");
    let _alone = BUILD.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut make = Command::new("make");
    make.arg("-C").arg(here()).args(["all", "install"]).env("CARGO", cargo());
    make.args(["PREFIX=/usr", "LIBDIR=/usr/lib/somewhere"]).arg(format!("DESTDIR={}", staged.display()));
    run(make.arg(format!("BUILD={}", folder("build").display())), "make");
    let text = fs::read_to_string(staged.join("usr/lib/somewhere/pkgconfig/oncilla.pc")).unwrap();
    assert!(text.contains("libdir=/usr/lib/somewhere\n") && text.contains("includedir=/usr/include\n"), "{text}");
    assert!(!text.contains('@') && !text.contains("staged"), "{text}");
}
