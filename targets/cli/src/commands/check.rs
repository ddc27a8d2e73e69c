//! `oncilla check`: whether two versions of an interface understand each other.

use std::path::{Path, PathBuf};

use oncilla_rpcgen::{Agreement, Comparison, Difference, Parsed, Place, Sources, check, compare, harmless};
use serde_json::json;

use crate::failure::{Done, Exit, Failure};
use crate::output::{BAD, GOOD, HELP, Output, STRONG, WEAK};
use crate::settings::Flags;

/// Checks whether a changed interface is compatible with programs of the old one
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The interface that is in use
    #[arg(value_name = "OLD.x")]
    old: PathBuf,
    /// The interface with changes
    #[arg(value_name = "NEW.x")]
    new: PathBuf,
    /// Allows new values in existing types
    ///
    /// These are larger bounds, new members of enums, new arms of unions. New programs must not send them to peers with
    /// the old interface.
    #[arg(long)]
    allow_new_values: bool,
}

const AFTER: &str = "\
Examples:
  oncilla check sensor-1.0.x sensor.x
  git show v1.0:sensor.x | oncilla check /dev/stdin sensor.x
  oncilla --json check old.x new.x

Programs, versions and procedures are compared by their numbers, types by what they are on the wire. A new procedure or
version does not affect old programs.

Exit codes: 0 compatible; 1 not compatible; 2 a file is wrong or cannot be read.";

pub fn run(arguments: &Arguments, flags: &Flags, output: Output) -> Done {
    let old = read(&arguments.old, flags)?;
    let new = read(&arguments.new, flags)?;
    // Neither has errors.
    let comparison = compare(&check(&old.tree, [], &mut Vec::new()), &check(&new.tree, [], &mut Vec::new()));
    let report = Report { old: &old.report.sources, new: &new.report.sources, output };
    comparison.differences.iter().try_for_each(|difference| report.difference(difference))?;
    let most = if arguments.allow_new_values { Agreement::OldValues } else { Agreement::Full };
    let is_compatible = comparison.old_clients().max(comparison.old_servers()) <= most;
    report.verdict(&comparison, is_compatible)?;
    if is_compatible {
        return Ok(());
    }
    let breaking = comparison.differences.iter().filter(|difference| difference.agreement() > most).count();
    let what = format!(
        "{} is not compatible with {}: {breaking} of {} differences break it",
        arguments.new.display(),
        arguments.old.display(),
        comparison.differences.len()
    );
    let failure = Failure::new(Exit::Failed, what);
    let only_new = comparison.old_clients().max(comparison.old_servers()) == Agreement::OldValues;
    let failure = if only_new {
        failure.help("use `--allow-new-values` if new programs send such values only to peers that know them")
    } else {
        failure
    };
    Err(failure.help(
        "keep the old version, add a `version` with the next number, and serve both as long as there are old peers",
    ))
}

/// Reads a file, and checks that it has no errors.
fn read(path: &Path, flags: &Flags) -> Done<Parsed> {
    let parsed = oncilla_rpcgen::parse_file(path, &flags.preprocessor());
    let mut parsed = parsed.map_err(|error| Failure::file("read", path, &error))?;
    if parsed.report.errors().next().is_none() {
        check(&parsed.tree, [], &mut parsed.report.diagnostics);
    }
    let is_wrong = parsed.report.errors().next().is_some();
    if is_wrong { Err(super::compile::wrong(&parsed.report, flags.json)) } else { Ok(parsed) }
}

/// Prints differences.
struct Report<'s> {
    old: &'s Sources,
    new: &'s Sources,
    output: Output,
}

impl Report<'_> {
    fn difference(&self, difference: &Difference) -> Done {
        let Difference { message, uses, old_clients, old_servers, .. } = difference;
        let old = difference.old.map(|place| shown(self.old, place));
        let new = difference.new.map(|place| shown(self.new, place));
        if self.output.json {
            let uses = uses.iter().map(|(name, part)| json!({"procedure": name, "part": part.to_string()}));
            let uses: Vec<_> = uses.collect();
            return self.output.json(&json!({
                "difference": message, "old": old, "new": new, "uses": uses,
                "old_clients": word(*old_clients), "old_servers": word(*old_servers),
            }));
        }
        let (style, kind) = match difference.agreement() {
            Agreement::Full => (WEAK, "note"),
            Agreement::OldValues => (HELP, "new values"),
            Agreement::Broken => (BAD, "breaking"),
        };
        self.output.line(format_args!("{style}{kind}{style:#}: {STRONG}{}{STRONG:#}", harmless(message)))?;
        let places = [old.map(|place| format!("old {place}")), new.map(|place| format!("new {place}"))];
        let places: Vec<_> = places.into_iter().flatten().collect();
        self.output.line(format_args!("  {WEAK}-->{WEAK:#} {}", places.join(", ")))?;
        if !uses.is_empty() {
            let uses: Vec<_> = uses.iter().map(|(name, part)| format!("the {part} of `{name}`")).collect();
            self.output.line(format_args!("  {WEAK}in{WEAK:#}  {}", harmless(&uses.join(", "))))?;
        }
        let concerned = [(*old_clients, "old clients of new servers"), (*old_servers, "new clients of old servers")];
        let concerned: Vec<_> =
            concerned.iter().filter(|(agreement, _)| *agreement > Agreement::Full).map(|(_, who)| *who).collect();
        if concerned.is_empty() {
            return Ok(());
        }
        self.output.line(format_args!("  {WEAK}for{WEAK:#} {}", concerned.join(", ")))
    }

    fn verdict(&self, comparison: &Comparison, is_compatible: bool) -> Done {
        let (clients, servers) = (comparison.old_clients(), comparison.old_servers());
        if self.output.json {
            return self.output.json(&json!({
                "compatible": is_compatible, "differences": comparison.differences.len(),
                "old_clients": word(clients), "old_servers": word(servers),
            }));
        }
        for (what, agreement) in
            [("A new server serves old clients", clients), ("A new client calls old servers", servers)]
        {
            let (style, answer) = match agreement {
                Agreement::Full => (GOOD, "yes"),
                Agreement::OldValues => (HELP, "only while new programs send values of the old interface"),
                Agreement::Broken => (BAD, "no"),
            };
            self.output.line(format_args!("{what}: {style}{answer}{style:#}"))?;
        }
        Ok(())
    }
}

const fn word(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::Full => "yes",
        Agreement::OldValues => "old values",
        Agreement::Broken => "no",
    }
}

/// Returns file, line and column of a place.
fn shown(sources: &Sources, place: Place) -> String {
    let (path, line, column) = sources.line_and_column(place);
    format!("{}:{line}:{column}", harmless(&path.to_string_lossy()))
}
