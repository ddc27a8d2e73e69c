//! `oncilla config`, `completions` and `man`.

use std::fs;
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::process::Command;

use crate::support::{DESCRIBED, Serving, oncilla, outcome, run};

#[test]
fn a_device_gets_a_short_name() {
    let device = Serving::start(&DESCRIBED);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/config.toml");
    let config = file.to_str().unwrap();
    let add = ["config", "add", "oven", &device.target(), "--timeout", "20s", "--config", config];
    let (code, out, err) = run(add);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text, format!("[targets.oven]\naddress = \"{}\"\ntimeout = \"20s\"\n", device.target()));
    let (code, out, err) = run(["--config", config, "-t", "oven", "--json", "call", "sensor.read", "0"]);
    assert_eq!((code, out.as_str()), (0, "{\"STATUS_OK\":{\"time\":1,\"value\":21500}}\n"), "{err}");
    let (_, out, _) = run(["--config", config, "-t", "oven", "--json", "config"]);
    assert!(
        out.contains(&format!("{{\"name\":\"timeout\",\"value\":\"20s\",\"from\":\"file, {config}\"}}\n")),
        "{out}"
    );

    // A name is not replaced by chance. Comments and other devices stay.
    let text = format!("# Mine.\ntarget = \"oven\"\n\n{text}\n[targets.lab] # Far.\naddress = \"lab:7\"\n");
    fs::write(&file, &text).unwrap();
    assert_eq!(run(add).0, 2);
    let (code, _, err) =
        run(["config", "add", "oven", "/dev/ttyACM0", "--replace", "--baud", "9600", "--config", config]);
    assert_eq!(code, 0, "{err}");
    let changed = fs::read_to_string(&file).unwrap();
    assert!(changed.starts_with("# Mine.\n") && changed.contains("[targets.lab] # Far.\n"), "{changed}");
    assert!(changed.contains("address = \"/dev/ttyACM0\"\nbaud = 9600\n"), "{changed}");
    assert_eq!(run(["config", "remove", "oven", "--config", config]).0, 0);
    assert_eq!(run(["config", "remove", "oven", "--config", config]).0, 2);
    assert!(!fs::read_to_string(&file).unwrap().contains("ttyACM0"));
    for wrong in
        [["config", "add", "oven", "nowhere"], ["config", "add", "a b", "lab:7"], ["config", "add", "lab:7", "lab:7"]]
    {
        assert_eq!(run(wrong.into_iter().chain(["--config", config])).0, 2, "{wrong:?}");
    }
}

#[test]
fn a_file_with_errors_does_not_hide_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let config = file.to_str().unwrap();
    fs::write(&file, "tagret = 7\n").unwrap();
    assert_eq!(run(["config", "--config", config]).0, 2);
    let (code, out, err) = run(["config", "--example", "--config", config]);
    assert!(code == 0 && out.contains("[targets."), "{err}");
    let (code, out, err) = run(["config", "--path", "--config", config]);
    assert_eq!((code, out.as_str()), (0, format!("{config}  (wrong)\n").as_str()), "{err}");
}

#[test]
fn an_interface_is_found_from_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("oven.x"), "const A = 1;").unwrap();
    let mut command = oncilla(["config", "add", "oven", "lab:7", "-x", "oven.x", "--here"]);
    assert_eq!(outcome(command.current_dir(folder.path()).output().unwrap()).0, 0);
    let text = fs::read_to_string(folder.path().join("oncilla.toml")).unwrap();
    assert!(text.contains("interface = \"oven.x\"\n"), "{text}");
    let mut command = oncilla(["config", "list"]);
    let (code, out, err) = outcome(command.current_dir(folder.path()).output().unwrap());
    assert_eq!((code, out.as_str()), (0, "oven = lab:7  (file, oncilla.toml)\n"), "{err}");
    let mut command = oncilla(["--json", "config", "list"]);
    let (_, out, _) = outcome(command.current_dir(folder.path()).output().unwrap());
    assert_eq!(out, "{\"name\":\"oven\",\"address\":\"lab:7\",\"from\":\"file, oncilla.toml\"}\n");
    let mut command = oncilla(["config", "remove", "oven"]);
    command.env("XDG_CONFIG_HOME", folder.path());
    let (code, _, err) = outcome(command.current_dir(folder.path()).output().unwrap());
    assert_eq!(code, 2);
    assert!(err.contains("`oncilla config remove oven --here`"), "{err}");
    let mut command = oncilla(["config", "--path"]);
    let (_, out, _) = outcome(command.current_dir(folder.path()).output().unwrap());
    assert!(out.starts_with("oncilla.toml  (read)\n"), "{out}");
}

#[test]
fn errors_in_a_file_have_their_place_and_a_suggestion() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, "[targets.oven]\naddress = \"lab:7\"\ntimout = \"2s\"\n").unwrap();
    for command in [&["config"] as &[&str], &["config", "add", "lab", "lab:7"]] {
        let (code, _, err) = run(command.iter().copied().chain(["--config", file.to_str().unwrap()]));
        assert_eq!(code, 2);
        for part in ["config.toml", "line 3, column 1", "unknown field `timout`", "the most similar key is `timeout`"] {
            assert!(err.contains(part), "{part} is not in {err}");
        }
    }
    assert!(fs::read_to_string(&file).unwrap().ends_with("timout = \"2s\"\n"));
}

/// Runs a program that checks a file, and returns its remarks.
///
/// The program must accept the file.
#[cfg(unix)]
fn remarks(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(arguments).arg(file).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; install the package {program}"));
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(output.status.success(), "{program} {}: {text}", file.display());
    text
}

#[cfg(unix)]
#[test]
fn shells_accept_their_completions() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let (code, script, _) = run(["completions", shell]);
        assert!(code == 0 && script.contains("bridge"), "{script}");
        let file = folder.path().join(shell);
        fs::write(&file, script).unwrap();
        assert_eq!(remarks(shell, &[check], &file), "");
    }
    for shell in ["powershell", "elvish"] {
        let (code, script, _) = run(["completions", shell]);
        assert!(code == 0 && script.contains("bridge"), "{script}");
    }
    // bash completes a command with the script.
    let file = folder.path().join("try");
    let script = "source \"$1/bash\"\nCOMP_WORDS=(oncilla compl); COMP_CWORD=1\n_oncilla oncilla compl oncilla\n\
                  echo \"${COMPREPLY[*]}\"\n";
    fs::write(&file, script).unwrap();
    let output = Command::new("bash").arg(&file).arg(folder.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "completions\n");
}

#[cfg(unix)]
#[test]
fn man_pages_are_right() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(["man", "--output", folder.path().to_str().unwrap()]).0, 0);
    let pages: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let has = |name: &str| pages.iter().any(|page| page.file_name().unwrap() == name);
    assert!(has("oncilla.1") && has("oncilla-shell.1") && has("oncilla-config-add.1"), "{pages:?}");
    for page in &pages {
        // mandoc -T lint fails if there are remarks. A page has no date, so that it is the same wherever it is made.
        let output = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(page).output().unwrap();
        let remarks = String::from_utf8(output.stdout).unwrap();
        let other: Vec<_> = remarks.lines().filter(|line| !line.contains("missing date")).collect();
        assert!(!remarks.is_empty() && other.is_empty(), "{}: {remarks}", page.display());
    }
    let (_, page, _) = run(["man"]);
    assert!(page.contains(".TH oncilla 1 \"\" \"oncilla "), "{page}");
}
