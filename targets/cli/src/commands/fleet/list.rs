//! `oncilla fleet list`.

use std::sync::Arc;
use std::time::Duration;

use oncilla_fleet::Fleet;
use oncilla_fleet::wire::{Name, Presence, Served, unix_ms};
use oncilla_rpcgen::harmless;
use serde_json::{Value, json};

use crate::commands::list::lines;
use crate::context::Context;
use crate::failure::{Done, Failure};

/// The options of `oncilla fleet list`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Lists the devices of this group only
    #[arg(long)]
    group: Option<String>,
    /// Lists the devices that cannot be called only
    #[arg(long)]
    away: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let (fleet, _) = super::connect(context)?;
    let mut rows = Vec::new();
    for (device, presence) in fleet.devices()? {
        let trouble = fleet.trouble(&device)?;
        let is_listed =
            arguments.group.as_deref().is_none_or(|group| presence.groups.iter().any(|one| &**one == group))
                && (!arguments.away || trouble.is_some());
        if is_listed {
            rows.push((device, presence, trouble));
        }
    }
    if context.output.json {
        return rows.iter().try_for_each(|(device, presence, trouble)| {
            context.output.json(&json(device, presence, trouble.as_deref()))
        });
    }
    if rows.is_empty() {
        context.output.note("no device was found");
        return Ok(());
    }
    let away = rows.iter().filter(|(.., trouble)| trouble.is_some()).count();
    table(context, &rows)?;
    let all = rows.len();
    context.output.note(format_args!("{all} devices, {} online, {away} away", all - away));
    Ok(())
}

type Row = (Name, Arc<Presence>, Option<String>);

fn table(context: &Context, rows: &[Row]) -> Done {
    let column = |heading: &str, cell: &dyn Fn(&Row) -> String| -> Vec<String> {
        std::iter::once(heading.to_owned()).chain(rows.iter().map(|row| harmless(&cell(row)).into_owned())).collect()
    };
    let mut columns = vec![
        column("DEVICE", &|(device, ..)| device.to_string()),
        column("STATE", &|(.., trouble)| if trouble.is_some() { "away" } else { "online" }.to_owned()),
        column("FOR", &|(_, presence, _)| ago(presence.since)),
        column("GATEWAY", &|(_, presence, _)| presence.gateway.to_string()),
        column("GROUPS", &|(_, presence, _)| presence.groups.join(", ")),
        column("PROGRAMS", &|(_, presence, _)| presence.programs.iter().map(program).collect::<Vec<_>>().join(", ")),
        column("REASON", &|(.., trouble)| trouble.clone().unwrap_or_default()),
    ];
    columns.retain(|cells| cells.iter().skip(1).any(|cell| !cell.is_empty()));
    lines(context, &columns)
}

/// Returns a program with its versions, such as `thermostat 1-3`.
fn program(served: &Served) -> String {
    let ranges =
        served.versions.iter().map(|&(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") });
    let name = if served.name.is_empty() { crate::programs::shown(served.program) } else { served.name.to_lowercase() };
    format!("{name} {}", ranges.collect::<Vec<_>>().join(","))
}

/// Returns how long ago a moment was, in its largest two units.
pub fn ago(since: u64) -> String {
    let seconds = Duration::from_millis(unix_ms().saturating_sub(since)).as_secs();
    let time = humantime::format_duration(Duration::from_secs(seconds)).to_string();
    time.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// Returns a device for programs.
pub fn json(device: &Name, presence: &Presence, trouble: Option<&str>) -> Value {
    let mut value = serde_json::to_value(presence).unwrap_or_default();
    let mut object = serde_json::Map::new();
    object.insert("device".to_owned(), json!(&**device));
    object.insert("online".to_owned(), json!(trouble.is_none()));
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("reason");
        object.append(members);
    }
    object.extend(trouble.map(|trouble| ("reason".to_owned(), json!(trouble))));
    Value::Object(object)
}

/// Returns the devices that a command is for.
pub fn chosen(fleet: &Fleet, devices: &[String], group: Option<&str>) -> Done<Vec<Name>> {
    let mut names = Vec::new();
    for device in devices.iter().flat_map(|list| list.split(',')) {
        names.push(Name::new(device).map_err(|error| Failure::usage(format_args!("the device {device:?}: {error}")))?);
    }
    if names.is_empty() {
        let is_of = |presence: &Presence| group.is_none_or(|group| presence.groups.iter().any(|one| &**one == group));
        names =
            fleet.devices()?.into_iter().filter(|(_, presence)| is_of(presence)).map(|(device, _)| device).collect();
    }
    Ok(names)
}
