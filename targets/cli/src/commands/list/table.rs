//! The programs that were found, as a table or as JSON.

use comfy_table::{Table, presets};
use oncilla_rpcgen::harmless;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::failure::Done;
use crate::programs::{Programs, shown};

/// A version of a program that was found, on one transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub program: u32,
    /// `None` is any version.
    pub version: Option<u32>,
    /// The netid, such as `tcp6`.
    pub transport: Option<String>,
    /// The universal address, as rpcbind writes it.
    pub address: Option<String>,
    /// Who registered it.
    pub owner: Option<String>,
    /// The number of its procedures.
    pub procedures: Option<usize>,
    /// Why calls are refused.
    pub refusal: Option<String>,
    /// How it was found.
    pub from: &'static str,
}

impl Found {
    pub const fn new(program: u32, version: Option<u32>, from: &'static str) -> Self {
        Self { program, version, transport: None, address: None, owner: None, procedures: None, refusal: None, from }
    }

    fn json(&self, names: &Programs) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                object.insert(name.to_owned(), value);
            }
        };
        put("program", json!(self.program));
        put("version", json!(self.version));
        put("name", json!(names.name(self.program)));
        put("transport", json!(self.transport));
        put("address", json!(self.address));
        put("port", json!(self.socket().map(|address| address.port())));
        put("owner", json!(self.owner));
        put("procedures", json!(self.procedures));
        put("refusal", json!(self.refusal));
        put("from", json!(self.from));
        Value::Object(object)
    }

    fn socket(&self) -> Option<std::net::SocketAddr> {
        oncilla::rpcbind::parse_universal(self.address.as_deref()?)
    }

    /// Returns the address as people write it.
    fn place(&self) -> String {
        let address = self.address.as_deref().unwrap_or_default();
        self.socket().map_or_else(|| harmless(address).into_owned(), |socket| socket.to_string())
    }

    /// Returns whether another version stands in the same row.
    fn is_beside(&self, other: &Self) -> bool {
        let Self { version: _, procedures: _, .. } = self;
        (self.program, &self.transport, &self.address, &self.owner, &self.refusal)
            == (other.program, &other.transport, &other.address, &other.owner, &other.refusal)
    }
}

/// Prints the programs that were found.
///
/// JSON has a line for each version; the table has one for each program.
pub fn show(context: &Context, found: Vec<Found>, names: &Programs) -> Done {
    if context.output.json {
        return found.iter().try_for_each(|found| context.output.value(&found.json(names)));
    }
    if found.is_empty() {
        context.output.note("no program was found");
        return Ok(());
    }
    let mut rows: Vec<(Found, Vec<Found>)> = Vec::new();
    for one in found {
        match rows.iter_mut().find(|(row, _)| row.is_beside(&one)) {
            Some((_, versions)) => versions.push(one),
            None => rows.push((one.clone(), vec![one])),
        }
    }
    // The order of a program is that of its first row.
    let order: Vec<_> = rows.iter().map(|(row, _)| row.program).collect();
    rows.sort_by_key(|(row, _)| order.iter().position(|&program| program == row.program));
    let mut columns = vec![column("PROGRAM", &rows, |row, _| shown(row.program))];
    columns.push(column("NAME", &rows, |row, _| {
        names.name(row.program).map(|name| harmless(name).into_owned()).unwrap_or_default()
    }));
    columns.push(column("VERSIONS", &rows, |_, versions| versions_of(versions)));
    columns
        .push(column("TRANSPORT", &rows, |row, _| harmless(row.transport.as_deref().unwrap_or_default()).into_owned()));
    columns.push(column("ADDRESS", &rows, |row, _| row.place()));
    columns.push(column("OWNER", &rows, |row, _| harmless(row.owner.as_deref().unwrap_or_default()).into_owned()));
    columns.push(column("PROCEDURES", &rows, |_, versions| procedures_of(versions)));
    columns.push(column("NULL IS REFUSED", &rows, |row, _| row.refusal.clone().unwrap_or_default()));
    columns.retain(|cells| cells.iter().skip(1).any(|cell| !cell.is_empty()));
    lines(context, &columns)
}

/// Prints columns side by side, each with its heading at the top.
pub fn lines(context: &Context, columns: &[Vec<String>]) -> Done {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let height = columns.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..height {
        table.add_row(columns.iter().map(|cells| cells.get(row).map_or("", String::as_str)));
    }
    table.lines().try_for_each(|line| context.output.line(line.trim()))
}

fn column(heading: &str, rows: &[(Found, Vec<Found>)], cell: impl Fn(&Found, &[Found]) -> String) -> Vec<String> {
    let cells = rows.iter().map(|(row, versions)| cell(row, versions));
    std::iter::once(heading.to_owned()).chain(cells).collect()
}

fn versions_of(versions: &[Found]) -> String {
    let mut numbers: Vec<_> = versions.iter().map(|found| found.version).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let texts: Vec<_> =
        numbers.iter().map(|number| number.map_or_else(|| "any".to_owned(), |number| number.to_string())).collect();
    texts.join(", ")
}

fn procedures_of(versions: &[Found]) -> String {
    let texts: Vec<_> = versions.iter().filter_map(|found| Some(found.procedures?.to_string())).collect();
    texts.join(", ")
}
