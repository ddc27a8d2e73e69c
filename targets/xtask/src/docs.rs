//! `cargo xtask docs`: the documentation as a site that can be handed out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    process::{run, step},
    workspace::{self, cargo},
};

/// The crates that people depend on, and what they are for.
const CRATES: [(&str, &str); 15] = [
    ("oncilla", "The library. The guide is a part of it."),
    ("oncilla-host", "Clients, servers and serial ports for programs with the standard library."),
    ("oncilla-rpcgen", "The compiler of .x files, as a library and a command."),
    ("oncilla-dynamic", "Calls without generated code: interfaces read at run time, values as JSON."),
    ("oncilla-device", "Devices by one text, such as serial:/dev/ttyACM0: connections, errors that state what to do."),
    ("oncilla-fleet", "Devices behind an MQTT 5 broker: calls, fan-out, queues, presence, and the protocol."),
    ("oncilla-gateway", "Publishes devices on an MQTT 5 broker."),
    ("oncilla-web", "A page for devices: its files, the description of an interface, the server."),
    ("oncilla-ethernet", "TCP and UDP for firmware, on smoltcp or embedded-nal."),
    ("oncilla-hal", "Serial ports of embedded HALs as transports, and a conformance test for them."),
    ("oncilla-protobuf", "Protobuf messages as arguments and results, without an allocator or by prost."),
    ("oncilla-protobuf-build", "The compiler of services in .proto files."),
    ("oncilla-vxi11", "Instruments on VXI-11, in firmware and on hosts, and a client of instruments."),
    ("oncilla-drpc", "dRPC, the calls of DAOS, over the same tables."),
    ("oncilla-capi", "The C library. Its functions, as the header declares them."),
];

/// The folder with the pictures of the guide's chapters.
const PICTURES: &str = "targets/web";

/// Builds the site. Returns its first page.
pub fn build() -> Result<PathBuf> {
    step("building the documentation");
    let mut doc = cargo();
    doc.args(["doc", "--no-deps", "--all-features", "--lib"]).env("RUSTDOCFLAGS", "-D warnings");
    for (name, _) in CRATES {
        doc.args(["--package", name]);
    }
    run(&mut doc)?;
    let folder = workspace::target().join("doc");
    pictures(&folder)?;
    let header = fs::read_to_string(workspace::root().join("targets/capi/include/oncilla.h"))?;
    fs::write(folder.join("oncilla.h"), &header)?;
    let title = "oncilla.h";
    fs::write(folder.join("oncilla.h.html"), page(title, &format!("<pre>{}</pre>", escaped(&header))))?;
    let index = folder.join("index.html");
    fs::write(&index, page("Oncilla", &contents())).with_context(|| format!("cannot write {}", index.display()))?;
    Ok(index)
}

/// Copies the pictures of the guide to where its chapters name them.
fn pictures(folder: &Path) -> Result<()> {
    let into = folder.join("oncilla").join(PICTURES);
    fs::create_dir_all(&into)?;
    for entry in fs::read_dir(workspace::root().join(PICTURES))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            fs::copy(&path, into.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

fn contents() -> String {
    let rows = CRATES.map(|(name, purpose)| {
        let module = name.replace('-', "_");
        format!("<dt><a href=\"{module}/index.html\">{name}</a></dt><dd>{}</dd>", escaped(purpose))
    });
    format!(
        "<p><a href=\"oncilla/guide/index.html\">The guide</a> begins with the first hour.</p><dl>{}\
         <dt><a href=\"oncilla.h.html\">oncilla.h</a></dt><dd>The C header, with the documentation of each function.</dd></dl>",
        rows.concat()
    )
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:16px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}pre{{font-size:13px}}</style>\
         <h1>{title}</h1>{body}</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
