//! The commands of the guide's chapter on fleets, run as they are written, in a network and with processes of their own.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    firmware_tests::command,
    process::{output_within, step},
    workspace,
};

/// The time limit of all commands together.
const LIMIT: Duration = Duration::from_secs(180);

/// The chapter.
const CHAPTER: &str = "src/guide/fleets.md";

/// The files that the commands read.
const FILES: [&str; 2] = ["examples/fleet/fleet.toml", "examples/sensor/sensor.x"];

/// A command, and what the guide says it prints.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    command: String,
    prints: String,
}

/// Runs all commands in one shell, and compares what they print.
pub fn run() -> Result<()> {
    step("running the commands of the guide's chapter on fleets");
    let shown = commands(&fs::read_to_string(workspace::root().join(CHAPTER))?);
    ensure!(shown.len() > 8, "only {} commands are in {CHAPTER}", shown.len());
    let folder = workspace::target().join("fleet-guide");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for file in FILES {
        let from = workspace::root().join(file);
        let name = from.file_name().context("a file has a name")?;
        fs::copy(&from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let printed = output_within(LIMIT, &mut shell(&folder, &script(&shown))?)?;
    // The last line of all is without its end.
    let printed = printed + "\n";
    let parts: Vec<_> = printed.split("@@@\n").map(str::trim_end).collect();
    ensure!(parts.len() == shown.len() + 1, "{} of {} commands ended: {printed}", parts.len() - 1, shown.len());
    for (shown, came) in shown.iter().zip(parts) {
        if !is_alike(&shown.prints, came) && !is_alike_in_any_order(shown, came) {
            bail!("`{}` prints\n{came}\nand {CHAPTER} says\n{}", shown.command, shown.prints);
        }
        println!("test `{}` ... ok", shown.command);
    }
    Ok(())
}

/// Returns the commands of the blocks of the language `console`.
fn commands(chapter: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut is_inside = false;
    for line in chapter.lines() {
        if line.starts_with("```") {
            is_inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| is_inside) {
            shown.push(Shown { command: command.to_owned(), prints: String::new() });
        } else if is_inside && let Some(last) = shown.last_mut() {
            // A line that goes on, or output.
            if last.command.ends_with('\\') {
                last.command += &format!("\n{line}");
            } else {
                last.prints += &format!("{line}\n");
            }
        }
    }
    for Shown { prints, .. } in &mut shown {
        prints.truncate(prints.trim_end().len());
    }
    shown
}

/// Returns the shell's script: a line of `@@@` follows what each command prints.
fn script(shown: &[Shown]) -> String {
    let mut script = "ip link set lo up\nexport HOME=/dev/null\n".to_owned();
    for Shown { command, .. } in shown {
        script += &format!("{{ {command}\n}} 2>&1\n");
        if command.starts_with("oncilla gateway") && command.ends_with('&') {
            // Until both devices are there.
            script += "for attempt in $(seq 100); do\n\
                [ $(mosquitto_sub -t 'plant/presence/+' -C 2 -W 1 | grep -c '\"online\"') = 2 ] && break; sleep 0.2\ndone\n";
        } else if command.ends_with('&') {
            script += "sleep 1\n";
        }
        script += "echo @@@\n";
    }
    script
}

fn shell(folder: &Path, script: &str) -> Result<Command> {
    let mut shell = Command::new("unshare");
    // Of its own: the network, so that port 1883 is free, and the processes, which all end with the shell.
    shell.args(["--net", "--pid", "--fork", "--kill-child"]);
    if !is_root()? {
        shell.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    let programs = command::program().parent().context("the command is in a folder")?.canonicalize()?;
    let path = format!("{}:{}:/usr/sbin:/sbin", programs.display(), std::env::var("PATH").unwrap_or_default());
    shell.args(["bash", "-c", script]).current_dir(folder).env("PATH", path);
    shell.env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    Ok(shell)
}

fn is_root() -> Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    Ok(status.lines().any(|line| line.starts_with("Uid:\t0\t0")))
}

/// Returns whether a text is what the guide says; `…` there stands for anything within a line.
fn is_alike(says: &str, came: &str) -> bool {
    let (says, came): (Vec<_>, Vec<_>) = (says.lines().collect(), came.lines().collect());
    says.len() == came.len() && says.iter().zip(came).all(|(says, came)| is_line_alike(says, came))
}

/// Returns whether a call of several devices printed their outcomes in another order: each is printed when it comes.
fn is_alike_in_any_order(shown: &Shown, came: &str) -> bool {
    let sorted = |text| {
        let mut outcomes = outcomes(text);
        outcomes.sort();
        outcomes.concat()
    };
    shown.command.starts_with("oncilla fleet call") && is_alike(&sorted(&shown.prints), &sorted(came))
}

/// Returns the outcomes of devices. Each begins with the name of its device; of a result only names of enums, which
/// have capitals, stand at the begin of a line.
fn outcomes(text: &str) -> Vec<String> {
    let mut outcomes: Vec<String> = Vec::new();
    for line in text.lines() {
        match outcomes.last_mut().filter(|_| !line.starts_with(|first: char| first.is_ascii_lowercase())) {
            Some(last) => *last += &format!("{line}\n"),
            None => outcomes.push(format!("{line}\n")),
        }
    }
    outcomes
}

fn is_line_alike(says: &str, came: &str) -> bool {
    let mut parts = says.trim_end().split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = came.trim_end().strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_with_what_they_print() {
        let chapter = "```sh\n$ no\n```\n```console\n$ one \\\n  two\nout\n\nput\n$ three\n```\n$ no\n";
        let shown = |command: &str, prints: &str| Shown { command: command.into(), prints: prints.into() };
        assert_eq!(commands(chapter), [shown("one \\\n  two", "out\n\nput"), shown("three", "")]);
    }

    #[test]
    fn an_ellipsis_stands_for_anything_in_a_line() {
        assert!(is_alike("a\nb", "a\nb") && !is_alike("a\nb", "a") && !is_alike("a", "a\nb"));
        assert!(is_alike("since … ago (…)", "since 5 s ago (west)"));
        assert!(!is_alike("since … ago (…)", "since 5 s ago [west]"));
        assert!(is_alike("…", "anything") && !is_alike("a…", "b"));
    }

    #[test]
    fn outcomes_of_devices_come_in_any_order() {
        let call = |command: &str| Shown { command: command.into(), prints: "a:\nOK:\n  time: …\nb: gone".into() };
        let group = call("oncilla fleet call x --group g");
        assert!(is_alike_in_any_order(&group, "b: gone\na:\nOK:\n  time: 7"));
        assert!(!is_alike_in_any_order(&group, "b:\nOK:\n  time: 7\na: gone"));
        assert!(!is_alike_in_any_order(&group, "a:\nOK:\n  time: 7"));
        assert!(!is_alike_in_any_order(&call("oncilla fleet list"), "b: gone\na:\nOK:\n  time: 7"));
    }
}
