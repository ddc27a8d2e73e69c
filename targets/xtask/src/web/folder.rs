//! `cargo xtask web --folder DIR`: the page without a server, for any web server to hand out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use miniz_oxide::deflate::compress_to_vec;
use oncilla_dynamic::Interface;
use oncilla_web::{
    folder::{self, Maker},
    panels::Panels,
};

use crate::{
    install,
    process::{LIMIT, run_for, step},
    targets::Target,
    toolchain::Toolchain,
};

/// What the browser runs. Built from source, it needs the whole standard library.
static WASM: Target =
    Target { libraries: "std,panic_abort", suffix: ".wasm", ..Target::of_rustup("wasm32-unknown-unknown") };

/// The most bytes that a browser downloads, compressed.
const DOWNLOAD_MAX: usize = 400_000;

/// What the maker of a folder chooses.
#[derive(Debug, Default, clap::Args)]
pub struct Arguments {
    /// Makes the page without a server in this folder, for any web server to hand out
    #[arg(long, value_name = "DIR", conflicts_with = "pictures")]
    pub folder: Option<PathBuf>,
    /// The interface of the device, a .x file; without it, the page asks the device
    #[arg(long, value_name = "FILE", requires = "folder")]
    pub interface: Option<PathBuf>,
    /// Panels that the page shows first, a TOML file
    #[arg(long, value_name = "FILE", requires = "folder")]
    pub panels: Option<PathBuf>,
    /// The title of the page, such as the name of the product
    #[arg(long, value_name = "TEXT", requires = "folder")]
    pub title: Option<String>,
    /// The baud rate of the device
    #[arg(long, value_name = "BAUD", requires = "folder")]
    pub baud: Option<u32>,
}

/// Makes the folder. Prints the size of what a browser downloads.
pub fn make(folder: &Path, arguments: &Arguments, from_source: bool) -> Result<()> {
    let maker = maker(arguments)?;
    let client = client(from_source)?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let (mut all, mut of_client) = (0, 0);
    for (name, content) in folder::files(client, &maker) {
        let path = folder.join(name);
        fs::write(&path, &content).with_context(|| format!("cannot write {}", path.display()))?;
        let size = compress_to_vec(&content, 9).len();
        all += size;
        if Path::new(name).extension().is_some_and(|extension| extension == "wasm") {
            of_client = size;
        }
    }
    println!("{}: {all} bytes to download, compressed; {of_client} of them are the client", folder.display());
    ensure!(all <= DOWNLOAD_MAX, "the page takes {all} bytes compressed, and at most {DOWNLOAD_MAX} are allowed");
    Ok(())
}

/// Reads and checks the files of the maker.
fn maker(Arguments { interface, panels, title, baud, .. }: &Arguments) -> Result<Maker> {
    let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let text = interface.as_ref().map(read).transpose()?;
    if let (Some(text), Some(path)) = (&text, interface) {
        // Without the files that it includes: the page has this text alone.
        Interface::parse(text).with_context(|| format!("{} has errors", path.display()))?;
    }
    let parsed = |path: &PathBuf| anyhow::Ok(Panels::parse(&path.display().to_string(), &read(path)?)?);
    let panels = panels.as_ref().map(parsed).transpose()?;
    let maker = Maker { title: title.clone(), interface: text, panels, baud: *baud };
    maker.check()?;
    Ok(maker)
}

/// Builds the client, and returns its bytes.
fn client(from_source: bool) -> Result<Vec<u8>> {
    step("building the client of the page as WebAssembly");
    let toolchain = if from_source { Toolchain::from_source(&WASM) } else { Toolchain::any(&WASM)? };
    install::tools(&toolchain.tools())?;
    let mut cargo = toolchain.cargo("build");
    run_for(LIMIT, cargo.args(["--quiet", "--package", "oncilla-web-wasm", "--lib", "--profile", "web"]))?;
    let file = toolchain.built("web", "oncilla_web_wasm");
    fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
}
