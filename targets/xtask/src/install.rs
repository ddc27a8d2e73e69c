//! Tools from Debian packages.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    process::{find, run_within, step},
    rust_version,
};

/// The time limit for a large package over a slow line.
const LIMIT: Duration = Duration::from_secs(900);

/// A tool and where it comes from.
#[derive(Debug)]
pub struct Tool {
    /// The program's name, or the whole path of a file that must exist.
    pub file: &'static str,
    pub package: &'static str,
    pub purpose: &'static str,
}

pub static QEMU_ARM: Tool = Tool { file: "qemu-system-arm", package: "qemu-system-arm", purpose: "runs the firmware" };
pub static QEMU_AARCH64: Tool =
    Tool { file: "qemu-system-aarch64", package: "qemu-system-arm", purpose: "runs the firmware" };
pub static QEMU_RISCV32: Tool =
    Tool { file: "qemu-system-riscv32", package: "qemu-system-misc", purpose: "runs the firmware" };
pub static QEMU_AVR: Tool = Tool { file: "qemu-system-avr", package: "qemu-system-misc", purpose: "runs the firmware" };
pub static SETPRIV: Tool =
    Tool { file: "setpriv", package: "util-linux", purpose: "ends QEMU if this program is stopped by force" };
pub static CHROMIUM: Tool =
    Tool { file: "/usr/bin/chromium", package: "chromium", purpose: "shows the page for devices" };
pub const RPCINFO: Tool =
    Tool { file: "rpcinfo", package: "rpcbind", purpose: "calls our server as a standard client" };
pub static LINKER: Tool =
    Tool { file: "ld.lld", package: "lld", purpose: "links the firmware where rustup's linker is not used" };
pub const ARM_GCC: Tool =
    Tool { file: "arm-none-eabi-gcc", package: "gcc-arm-none-eabi", purpose: "compiles C for the boards" };
pub const AARCH64_GCC: Tool =
    Tool { file: "aarch64-linux-gnu-gcc", package: "gcc-aarch64-linux-gnu", purpose: "compiles the POSIX shim" };
pub static AVR_LINKER: Tool = Tool { file: "avr-gcc", package: "gcc-avr", purpose: "links the firmware for AVR" };
pub static AVR_START: Tool =
    Tool { file: "/usr/lib/avr/lib/avr5/crtatmega328p.o", package: "avr-libc", purpose: "starts the firmware on AVR" };
pub const DEBIAN_RUSTC: Tool =
    Tool { file: "/usr/bin/rustc", package: "rustc-web", purpose: "compiles `core` from source" };
pub const DEBIAN_CARGO: Tool =
    Tool { file: "/usr/bin/cargo", package: "cargo-web", purpose: "compiles `core` from source" };
pub const DEBIAN_SOURCE: Tool = Tool {
    file: "/usr/lib/rustlib/src/rust/library/core/Cargo.toml",
    package: "rust-web-src",
    purpose: "is the source of `core`",
};
pub const DEBIAN_CLIPPY: Tool =
    Tool { file: "/usr/bin/cargo-clippy", package: "rust-web-clippy", purpose: "lints the firmware" };

/// The tools that compile the kernel of FreeRTOS.
pub const ARM_C: [&Tool; 2] = [
    &Tool { file: "arm-none-eabi-gcc", package: "gcc-arm-none-eabi", purpose: "compiles FreeRTOS" },
    &Tool {
        file: "/usr/include/newlib/stdlib.h",
        package: "libnewlib-arm-none-eabi",
        purpose: "has the headers that FreeRTOS includes",
    },
];

/// The tools that check and install the C library.
pub const C_TOOLS: [&Tool; 5] = [
    &Tool { file: "clang", package: "clang", purpose: "compiles the C library's fuzz targets and generated code" },
    &Tool {
        // Debian's clang only recommends it, and a system may install nothing that is only recommended.
        file: "/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a",
        package: "libclang-rt-14-dev",
        purpose: "links the C library's fuzz targets",
    },
    &Tool { file: "clang-tidy", package: "clang-tidy", purpose: "checks C" },
    &Tool { file: "cmake", package: "cmake", purpose: "installs the C library" },
    &Tool { file: "doxygen", package: "doxygen", purpose: "checks and converts the documentation of oncilla.h" },
];

/// Other implementations and dissectors that the tests compare with.
pub const PEERS: [&Tool; 27] = [
    &RPCINFO,
    &CHROMIUM,
    &Tool { file: "rpcgen", package: "rpcsvc-proto", purpose: "makes C programs of the tests' interfaces" },
    &Tool { file: "gcc", package: "gcc", purpose: "compiles those C programs" },
    &Tool { file: "g++", package: "g++", purpose: "compiles our C header as C++" },
    &Tool { file: "valgrind", package: "valgrind", purpose: "finds memory errors in C programs with our library" },
    &Tool { file: "/usr/include/stdio.h", package: "libc6-dev", purpose: "has the headers of C" },
    &Tool {
        file: "/usr/include/tirpc/rpc/rpc.h",
        package: "libtirpc-dev",
        purpose: "is the ONC RPC of those C programs",
    },
    &Tool { file: "pkg-config", package: "pkg-config", purpose: "finds libtirpc" },
    &Tool { file: "zsh", package: "zsh", purpose: "accepts the completions of the command" },
    &Tool { file: "fish", package: "fish", purpose: "accepts the completions of the command" },
    &Tool { file: "mandoc", package: "mandoc", purpose: "checks the man pages of the command" },
    &Tool { file: "tshark", package: "tshark", purpose: "dissects our messages" },
    &Tool { file: "openssl", package: "openssl", purpose: "is a TLS server that the command names" },
    &Tool {
        file: "python3",
        package: "python3",
        purpose: "is an HTTP server that the command names, and the peer of TLS",
    },
    &Tool {
        // Its module stands in a folder that has Python's version.
        file: "/usr/share/doc/python3-venv/copyright",
        package: "python3-venv",
        purpose: "makes environments for the Python clients of the tests",
    },
    &Tool { file: "mosquitto", package: "mosquitto", purpose: "is the broker of a fleet" },
    &Tool { file: "mosquitto_rr", package: "mosquitto-clients", purpose: "calls the devices of a fleet" },
    &Tool { file: "curl", package: "curl", purpose: "asks a gateway for its health" },
    &Tool { file: "lxi", package: "lxi-tools", purpose: "discovers and asks instruments" },
    &Tool { file: "unshare", package: "util-linux", purpose: "makes networks for tests" },
    &Tool { file: "ip", package: "iproute2", purpose: "sets those networks up" },
    &Tool { file: "ganesha.nfsd", package: "nfs-ganesha", purpose: "is an NFS server for an example" },
    &Tool { file: "/etc/ganesha/vfs.conf", package: "nfs-ganesha-vfs", purpose: "lets it export a folder" },
    &Tool {
        file: "/usr/lib/python3/dist-packages/prometheus_client/parser.py",
        package: "python3-prometheus-client",
        purpose: "reads a server's metrics",
    },
    &Tool {
        file: "/usr/lib/python3/dist-packages/jsonschema/validators.py",
        package: "python3-jsonschema",
        purpose: "validates JSON by the schemas of interfaces",
    },
    &Tool { file: "systemd-socket-activate", package: "systemd", purpose: "starts servers with their sockets" },
];

impl Tool {
    /// Returns whether the tool is installed.
    pub fn is_there(&self) -> bool {
        if self.file.starts_with('/') {
            Path::new(self.file).is_file() && !(self.is_debians_rust() && is_old())
        } else {
            find(self.file).is_some()
        }
    }

    /// Compiler, cargo and source belong together.
    fn is_debians_rust(&self) -> bool {
        self.package.contains("-web")
    }

    /// Returns the command that runs the tool.
    pub fn command(&self) -> Result<Command> {
        let path =
            find(self.file).with_context(|| format!("{} is not installed; run `cargo xtask setup`", self.file))?;
        Ok(Command::new(path))
    }
}

/// Returns whether Debian's compiler is installed and too old.
fn is_old() -> bool {
    Path::new(DEBIAN_RUSTC.file).is_file() && !rust_version::is_enough(DEBIAN_RUSTC.file)
}

/// Finds the tools. Installs missing ones if this user may.
pub fn tools(tools: &[&Tool]) -> Result<()> {
    let missing = missing(tools);
    for tool in tools.iter().filter(|tool| tool.is_there()) {
        eprintln!("    {}: found ({})", tool.file, tool.purpose);
    }
    if missing.is_empty() {
        return Ok(());
    }
    for tool in &missing {
        eprintln!("    {}: missing ({}; package {})", tool.file, tool.purpose, tool.package);
    }
    let packages: Vec<_> = missing.iter().map(|tool| tool.package).collect();
    let to_type = format!("sudo apt-get install -y {}", packages.join(" "));
    if find("apt-get").is_none() {
        bail!(
            "this system has no apt-get; with its own package manager install what Debian calls: {}",
            packages.join(" ")
        );
    }
    if !is_root()? {
        bail!("{} tools are missing and only root may install them; type: {to_type}", missing.len());
    }
    apt_install(&packages).with_context(|| format!("to see why, type: {to_type}"))?;
    match self::missing(tools).first() {
        None => Ok(()),
        Some(tool) => {
            bail!(
                "package {} was installed and {} is still not there, or too old; install it by hand",
                tool.package,
                tool.file
            )
        }
    }
}

fn missing<'a>(tools: &[&'a Tool]) -> Vec<&'a Tool> {
    tools.iter().copied().filter(|tool| !tool.is_there()).collect()
}

/// What this program has installed, with times.
static INSTALLED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Returns what this program has installed, for people.
pub fn told() -> String {
    let installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    if installed.is_empty() { "no package was missing".to_owned() } else { installed.join("; ") }
}

fn apt_install(packages: &[&str]) -> Result<()> {
    step(&format!("installing {}", packages.join(" ")));
    let start = Instant::now();
    let install = || {
        let mut apt = apt();
        apt.args(["install", "-y", "--no-install-recommends"]).args(packages);
        run_within(LIMIT, &mut apt)
    };
    // Old lists lead to old packages, such as a compiler that does not build this. Without a network, what the
    // lists know may be there all the same.
    if let Err(error) = run_within(LIMIT, apt().arg("update")) {
        eprintln!("    {error:#}; installing by the lists there are");
    }
    install()?;
    let told = format!("{} were installed in {} s", packages.join(" "), start.elapsed().as_secs());
    INSTALLED.lock().unwrap_or_else(PoisonError::into_inner).push(told);
    Ok(())
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o", "DPkg::Lock::Timeout=60"]);
    apt
}

fn is_root() -> Result<bool> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read which user this is")?;
    // The second number is the effective user.
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    Ok(user == Some("0"))
}
