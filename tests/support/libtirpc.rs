//! C programs on libtirpc, made by rpcgen and gcc where they are needed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

/// Generated from an interface by rpcgen: its option, and the end of the file's name. Several arguments (`-N`)
/// and results in the caller's memory (`-M`).
const GENERATED: [(&str, &str); 4] = [("-h", ".h"), ("-c", "_xdr.c"), ("-l", "_clnt.c"), ("-m", "_svc.c")];

/// Compiles C programs into the folder `into`: each is given as its name and the sources it consists of, which are
/// looked for in `sources` and among what rpcgen makes of `sources`/`interface`.x.
pub fn compile(sources: &Path, interface: &str, into: &Path, programs: &[(&str, &[&str])]) {
    // Somebody else may be running what was compiled before, or be compiling at the same time.
    let workshop = into.join(format!("in-work-{}", process::id()));
    // rpcgen overwrites nothing. Usually there is nothing.
    let _ = fs::remove_dir_all(&workshop);
    fs::create_dir_all(&workshop).unwrap();
    fs::copy(sources.join(interface).with_extension("x"), workshop.join(interface).with_extension("x")).unwrap();
    for (option, end) in GENERATED {
        let out = format!("{interface}{end}");
        run(
            Command::new("rpcgen").args(["-C", "-N", "-M", option, "-o", &out, &format!("{interface}.x")]),
            &workshop,
            "rpcsvc-proto",
        );
    }
    let flags = |about| {
        let printed = run(Command::new("pkg-config").args([about, "libtirpc"]), &workshop, "pkg-config libtirpc-dev");
        printed.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (cflags, libs) = (flags("--cflags"), flags("--libs"));
    for (name, parts) in programs {
        let find = |part: &&str| {
            let generated = workshop.join(part);
            if generated.is_file() { generated } else { sources.join(part) }
        };
        run(
            Command::new("gcc")
                .args(["-std=gnu11", "-O2", "-I."])
                .arg(format!("-I{}", sources.display()))
                .args(&cflags)
                .args(["-o", name])
                .args(parts.iter().map(find))
                .args(&libs),
            &workshop,
            "gcc libc6-dev",
        );
        fs::rename(workshop.join(name), into.join(name)).unwrap();
    }
    fs::remove_dir_all(&workshop).unwrap();
}

/// Runs a command in a folder, to its success, and returns what it printed.
fn run(command: &mut Command, folder: &Path, packages: &str) -> String {
    let name = PathBuf::from(command.get_program());
    let name = name.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
    let advice = format!("if it, or a file that it needs, is missing, install it: apt install {packages}");
    let output =
        command.current_dir(folder).output().unwrap_or_else(|error| panic!("cannot run {name}: {error}; {advice}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} failed ({}): {errors}{text}\n{advice}", output.status);
    text
}
