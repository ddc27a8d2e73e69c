//! Writes the macro of a service.

use std::fmt::Write as _;

use crate::model::{Method, Service, Style, Types};
use crate::options::Messages;

/// An item that stands where a service will be: the formatter of Rust does not format macros.
pub fn placeholder(index: usize) -> String {
    format!("mod __oncilla_service_{index} {{}}")
}

/// What the generators of messages do that programs forbid.
const ALLOW: &str = "#[allow(clippy::all, irrefutable_let_patterns, missing_docs, nonstandard_style, unused)]\n";

/// How items begin that the generators of messages write.
const ITEMS: [&str; 5] = ["impl", "pub enum ", "pub mod ", "pub struct ", "pub type "];

/// Replaces the placeholders by the services, each with its indentation, and allows what the messages do.
pub fn fill(rust: &str, services: &[(Service, Types)], messages: Messages) -> String {
    let mut filled = String::with_capacity(rust.len());
    for line in rust.lines() {
        let indent = line.len() - line.trim_start().len();
        match (0..services.len()).find(|&index| line.trim_start() == placeholder(index)) {
            Some(index) => service(&mut filled, &line[..indent], &services[index], messages),
            None => {
                // An item inside of another has the attribute of that.
                filled += if ITEMS.iter().any(|item| line.starts_with(item)) { ALLOW } else { "" };
                filled += line;
                filled.push('\n');
            }
        }
    }
    filled
}

fn service(out: &mut String, indent: &str, (service, types): &(Service, Types), messages: Messages) {
    let mut line = |level: usize, text: &str| {
        let _ = match text.is_empty() {
            true => writeln!(out),
            false => writeln!(out, "{indent}{}{text}", "    ".repeat(level)),
        };
    };
    line(0, "::oncilla_protobuf::service! {");
    docs(&mut line, 1, &service.docs, &format!("`service {}`", service.full_name));
    let limit = service.limit.map_or_else(String::new, |limit| format!(", limit {limit}"));
    let Service { module, program, version, .. } = service;
    line(1, &format!("pub mod {module} = {program:#010x}, version {version}, messages {messages:?}{limit} {{"));
    for (Method { name, docs: comments, number, style }, (arguments, results)) in service.methods.iter().zip(types) {
        docs(&mut line, 2, comments, &format!("Procedure {number}."));
        let (arguments, results) = (inside(arguments), inside(results));
        line(
            2,
            &match style {
                Some(Style::Oneway) => format!("fn {name}({arguments}) = {number}, oneway;"),
                Some(Style::Idempotent) => format!("fn {name}({arguments}) -> {results} = {number}, idempotent;"),
                None => format!("fn {name}({arguments}) -> {results} = {number};"),
            },
        );
    }
    line(1, "}");
    line(0, "}");
}

/// The types and modules that the module of a service has itself.
const OWN: [&str; 4] = ["Client", "Service", "finish", "start"];

/// Returns a path as the module of a service sees it, which has all names of the module around it but its own.
fn inside(path: &str) -> String {
    let first = path.split("::").next().unwrap_or_default().trim_start_matches("r#");
    if first == "super" || OWN.contains(&first) { format!("super::{path}") } else { path.to_owned() }
}

/// Writes comments as documentation, or `otherwise` without any.
fn docs(line: &mut impl FnMut(usize, &str), level: usize, comments: &[String], otherwise: &str) {
    if comments.is_empty() {
        line(level, &format!("/// {otherwise}"));
    }
    for comment in comments {
        line(level, format!("/// {comment}").trim_end());
    }
}
