//! C programs that decode a value and encode it again, made by rpcgen of the compiler's own test files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The program for one file.
pub struct C {
    program: PathBuf,
}

impl C {
    /// Compiles a file; `also` are files that it includes the headers of, `types` its types and `coders` what it leaves
    /// to the programmer.
    pub fn of(file: &str, also: &[&str], types: &[&str], coders: &str) -> Self {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = ["accepted", "heap"].map(|folder| sources.join("../../targets/rpcgen/tests").join(folder));
        let find =
            |stem: &str| folders.iter().map(|folder| folder.join(stem).with_extension("x")).find(|path| path.is_file());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases").join(file);
        // rpcgen overwrites nothing. Usually there is nothing.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let mut parts = vec![sources.join("c/recode.c")];
        for stem in also.iter().copied().chain([file]) {
            let here = folder.join(stem);
            fs::create_dir_all(here.parent().unwrap()).unwrap();
            fs::copy(find(stem).expect("the file of the tests"), here.with_extension("x")).unwrap();
            for (option, end) in [("-h", ".h"), ("-c", "_xdr.c")] {
                let arguments = ["-C", "-N", option, "-o", &format!("{stem}{end}"), &format!("{stem}.x")];
                run(Command::new("rpcgen").args(arguments).current_dir(&folder));
            }
            parts.push(folder.join(format!("{stem}_xdr.c")));
        }
        let flags = |about| {
            let printed = run(Command::new("pkg-config").args([about, "libtirpc"]));
            String::from_utf8(printed).unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let list: String = types.iter().map(|name| format!("T({name})")).collect();
        let gcc = &mut Command::new("gcc");
        gcc.args(["-std=gnu11", "-w", "-I.", "-o", "recode"]).arg(format!("-DHEADER=\"{file}.h\""));
        gcc.arg(format!("-DTYPES={list}")).arg(format!("-DCODERS={coders}"));
        run(gcc.args(flags("--cflags")).args(parts).args(flags("--libs")).current_dir(&folder));
        Self { program: folder.join("recode") }
    }

    /// What C encodes bytes to that are the encoding of a value of this type.
    pub fn recode(&self, type_: &str, bytes: &[u8]) -> Vec<u8> {
        let mut command = Command::new(&self.program);
        let mut child = command.arg(type_).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{type_}: {bytes:02x?}");
        output.stdout
    }

    /// C reads each value from what we encode it to, and writes the same.
    pub fn takes<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(&self, type_: &str, values: &[T]) {
        for value in values {
            let mut room = vec![0; 16 << 20];
            let length = oncilla::xdr::encode(value, &mut room).unwrap();
            assert_eq!(self.recode(type_, &room[..length]), room[..length], "{value:?}");
            assert_eq!(oncilla::xdr::decode(&room[..length]).as_ref(), Ok(value));
        }
    }
}

/// Runs a command to its success and returns what it printed.
fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| {
        panic!("cannot run {command:?}: {error}; apt install rpcsvc-proto gcc libc6-dev pkg-config libtirpc-dev")
    });
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
