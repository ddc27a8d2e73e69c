//! Fuzz targets in C, with clang's libFuzzer: the functions of `oncilla.h` in any order with any arguments, and generated
//! decoders. C and Rust run under AddressSanitizer, C also under UndefinedBehaviorSanitizer.
//!
//! A target makes a fixed number of runs here. `ONCILLA_FUZZ_SECONDS=600 cargo test -p oncilla-capi --test fuzzed` runs each
//! for that time, keeps its corpus in `target/tmp/fuzzed`, and begins with it the next time.

#[allow(dead_code, reason = "other tests damage values")]
mod random;
#[allow(dead_code, reason = "programs are compiled in another way here")]
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;
use std::{env, fs};

use oncilla_rpcgen::{Data, Options, Preprocessor, check, parse_file};
use random::Random;
use support::{ports, run};

/// The runs of a target in the tests.
const RUNS: u32 = 30_000;

/// The types in the order of `decoders.c`.
const TYPES: [&str; 14] = [
    "numbers",
    "octets",
    "arrays",
    "shape",
    "maybe",
    "list",
    "unions",
    "mixed",
    "word",
    "piece",
    "by_number",
    "by_color",
    "description",
    "color",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzzed")
}

/// Returns the library with sanitizer, coverage and assertions; builds it at the first use.
fn library() -> PathBuf {
    static BUILT: Once = Once::new();
    let target = "x86_64-unknown-linux-gnu";
    BUILT.call_once(|| {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--release", "--package", "oncilla-capi", "--lib", "--features", "keys"]);
        cargo.args(["--target", target, "--target-dir"]).arg(folder().join("build"));
        // The flags of cargo fuzz; they are unstable.
        let flags = "-Zsanitizer=address -Cdebug-assertions=on -Cpasses=sancov-module \
                     -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table";
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags).env_remove("CARGO_ENCODED_RUSTFLAGS");
        run(cargo.current_dir(ports()), "cargo");
    });
    folder().join("build").join(target).join("release/liboncilla_capi.a")
}

/// Compiles a target and runs it.
fn fuzz(name: &str, sources: &[PathBuf], headers: &Path) {
    let program = folder().join(name);
    let corpus = folder().join(format!("corpus-{name}"));
    fs::create_dir_all(&corpus).unwrap();
    let mut clang = Command::new("clang");
    clang.args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror"]);
    clang.args(["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=undefined"]);
    clang.args(["-Icapi/include", "-Icapi/tests/fuzz", "-I"]).arg(headers).args(sources).arg(library());
    run(clang.arg("-o").arg(&program).current_dir(ports()), "clang libclang-rt-14-dev");
    let mut command = Command::new(&program);
    command.args(["-max_len=4096", "-timeout=20", "-print_final_stats=1"]);
    match env::var("ONCILLA_FUZZ_SECONDS") {
        Ok(seconds) => command.arg(format!("-max_total_time={seconds}")).arg(&corpus),
        Err(_) => command.arg(format!("-runs={RUNS}")).arg("-seed=1").arg(&corpus),
    };
    let artifact = format!("{}/", folder().display());
    let output = run(command.arg(format!("-artifact_prefix={artifact}")), "libc6");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let made = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units: "));
    let made: u64 = made.expect("the target prints its runs").trim().parse().unwrap();
    assert!(made >= RUNS.into() || env::var_os("ONCILLA_FUZZ_SECONDS").is_some(), "only {made} runs of {name}");
    println!("{name}: {made} runs");
}

/// Writes the C of constructs.x to a folder of its own.
fn generated(data: Data) -> PathBuf {
    let folder = folder().join(format!("generated-{data:?}"));
    fs::create_dir_all(&folder).unwrap();
    let options = Options::new().unbounded_bytes(64).list_nodes(40).data(data);
    let output = options.generate_c(ports().join("../tests/interop/constructs.x"), "constructs").unwrap();
    fs::write(folder.join("constructs.h"), output.header).unwrap();
    fs::write(folder.join("constructs.c"), output.codec).unwrap();
    folder
}

#[test]
fn functions_in_any_order_with_any_arguments() {
    let sources = ["calls", "world"].map(|name| ports().join(format!("capi/tests/fuzz/{name}.c")));
    fuzz("calls", &sources, Path::new("capi/include"));
}

#[test]
fn generated_decoders_accept_only_what_their_encoders_write() {
    for (data, name) in [(Data::Owned, "decoders"), (Data::Borrowed, "borrowing-decoders")] {
        let corpus = folder().join(format!("corpus-{name}"));
        fs::create_dir_all(&corpus).unwrap();
        let parsed = parse_file(ports().join("../tests/interop/constructs.x"), &Preprocessor::default()).unwrap();
        let interface = check(&parsed.tree, [], &mut Vec::new());
        let mut random = Random::new(4);
        for (type_, number) in TYPES.iter().zip(0_u8..) {
            for nth in 0..8 {
                let value = [vec![number], random.value(&interface, type_)].concat();
                if value.len() <= 4096 {
                    fs::write(corpus.join(format!("{type_}-{nth}")), value).unwrap();
                }
            }
        }
        let headers = generated(data);
        fuzz(name, &[ports().join("capi/tests/fuzz/decoders.c"), headers.join("constructs.c")], &headers);
    }
}
