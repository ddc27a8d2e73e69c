//! Static analysis of the C that users get: examples, carriers, and what oncilla-rpcgen generates.

#[allow(dead_code, reason = "programs are compiled by other tests")]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oncilla_rpcgen::{Data, Options};
use support::{ports, run};

/// C for this machine and C for a board.
struct Sources {
    host: Vec<PathBuf>,
    board: Vec<PathBuf>,
    generated: PathBuf,
}

/// The C files of a folder below `targets`.
fn of(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(ports().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut sources: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "c")).collect();
    sources.sort();
    assert!(!sources.is_empty(), "{folder} has no C");
    sources
}

/// All sources; generated ones are written to a folder of this name first.
fn sources(name: &str) -> Sources {
    let generated = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&generated).unwrap();
    let mut host = [of("capi/c"), of("systems/sylixos/src")].concat();
    let files = [
        ("constructs", "tests/interop/constructs.x", Data::Owned),
        ("borrowed", "tests/interop/constructs.x", Data::Borrowed),
    ];
    let files = files.into_iter().chain([("sensor", "examples/sensor/sensor.x", Data::Owned)]);
    for (name, file, data) in files {
        let options = Options::new().unbounded_bytes(64).list_nodes(40).data(data);
        let output = options.generate_c(ports().join("..").join(file), name).unwrap();
        fs::write(generated.join(format!("{name}.h")), output.header).unwrap();
        let parts = [("", Some(output.codec)), ("_client", output.client), ("_server", output.server)];
        for (end, text) in parts {
            let path = generated.join(format!("{name}{end}.c"));
            fs::write(&path, text.unwrap()).unwrap();
            host.push(path);
        }
    }
    Sources { host, board: of("capi/c/firmware"), generated }
}

/// The folders of headers, and the macro for links with keys.
fn flags(generated: &Path) -> Vec<String> {
    let folders = ["capi/include", "capi/c", "systems/sylixos/include"].map(|folder| ports().join(folder));
    let folders = folders.iter().map(PathBuf::as_path).chain([generated]);
    let includes = folders.map(|folder| format!("-I{}", folder.display()));
    includes.chain(["-std=c99".into(), "-DONCILLA_KEYS".into()]).collect()
}

/// Conversions that change a value, and paths to errors of memory, in both of gcc's compilers.
#[test]
fn gcc_finds_no_conversion_and_no_path_to_an_error() {
    let Sources { host, board, generated } = sources("analysed-by-gcc");
    let object = generated.join("object.o");
    let strict = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "-fanalyzer", "-O1", "-c", "-o"];
    let compilers: [(&str, &[&str], &[PathBuf]); 2] =
        [("gcc", &[], &host), ("arm-none-eabi-gcc", &["-mcpu=cortex-m3", "-mthumb", "-ffreestanding"], &board)];
    for (compiler, more, sources) in compilers {
        for source in sources {
            let mut command = Command::new(compiler);
            command.args(more).args(flags(&generated)).args(strict).arg(&object).arg(source);
            let said = run(&mut command, "gcc gcc-arm-none-eabi").stderr;
            assert!(said.is_empty(), "{}: {}", source.display(), String::from_utf8_lossy(&said));
        }
    }
}

/// SEI CERT's rules and likely mistakes: `.clang-tidy`.
#[test]
fn clang_tidy_finds_nothing() {
    let Sources { host, board, generated } = sources("analysed-by-clang-tidy");
    let tidy = |sources: &[PathBuf], more: &[&str]| {
        let mut command = Command::new("clang-tidy");
        command.arg("--quiet").arg(format!("--config-file={}", ports().join("capi/.clang-tidy").display()));
        command.args(sources).arg("--").args(flags(&generated)).args(more);
        run(&mut command, "clang-tidy");
    };
    tidy(&host, &[]);
    tidy(&board, &["--target=thumbv7m-none-eabi", "-ffreestanding"]);
}

/// Code with a mistake that each tool must find, so that a tool that checks nothing fails here.
#[test]
fn the_tools_find_mistakes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("analysed-mistakes");
    fs::create_dir_all(&folder).unwrap();
    let source = folder.join("mistake.c");
    fs::write(&source, "#include <stdlib.h>\nint main(int argc, char **argv)\n{\n    char *p = malloc(4);\n    (void)argc;\n    p[0] = 1;\n    free(p);\n    return atoi(argv[1]) + p[0];\n}\n").unwrap();
    let analysed =
        Command::new("gcc").args(["-fanalyzer", "-Werror", "-c", "-o", "/dev/null"]).arg(&source).output().unwrap();
    let said = String::from_utf8_lossy(&analysed.stderr);
    assert!(!analysed.status.success() && said.contains("use-after-free"), "{said}");
    let config = format!("--config-file={}", ports().join("capi/.clang-tidy").display());
    let tidied = Command::new("clang-tidy").arg("--quiet").arg(config).arg(&source).arg("--").output().unwrap();
    let said = String::from_utf8_lossy(&tidied.stdout);
    assert!(!tidied.status.success() && said.contains("cert-err34-c"), "{said}");
}
