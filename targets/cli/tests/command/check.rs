//! `oncilla check`.

use std::fs;
use std::path::Path;

use crate::support::{SENSOR_X, run};

const TEXT: &str = "struct sample { int value; string place<16>; };
program SENSOR { version SENSOR_1 { sample SENSOR_READ(unsigned int channel) = 1; } = 1; } = 0x20000042;
";

fn check(old: &Path, new: &Path, options: &[&str]) -> (i32, String, String) {
    run([&["check", old.to_str().unwrap(), new.to_str().unwrap()], options].concat())
}

#[test]
fn the_verdict_names_differences_and_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let old = file("old.x", TEXT);
    let (code, out, err) = check(&old, &old, &[]);
    let same = "A new server serves old clients: yes\nA new client calls old servers: yes\n";
    assert_eq!((code, out.as_str(), err.as_str()), (0, same, ""));

    let longer = file("longer.x", &TEXT.replace("16", "32"));
    let (code, out, err) = check(&old, &longer, &[]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("new values: `sample.place` has the bound 32, had the bound 16\n"), "{out}");
    assert!(out.contains("in  the results of `SENSOR_READ`\n"), "{out}");
    assert!(out.contains("A new client calls old servers: yes\n"), "{out}");
    assert!(err.contains("1 of 1 differences break it"), "{err}");
    assert_eq!(check(&old, &longer, &["--allow-new-values"]).0, 0);
    // A smaller bound is not a new value.
    assert_eq!(check(&longer, &old, &["--allow-new-values"]).0, 1);

    let wide = file("wide.x", &TEXT.replace("int value", "hyper value"));
    let (code, out, _) = check(&old, &wide, &["--json"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((code, lines.len()), (1, 2), "{out}");
    assert_eq!(lines[0]["difference"], "`sample.value` is `hyper`, was `int`");
    assert_eq!(lines[0]["old"], format!("{}:1:21", old.display()));
    assert_eq!(lines[0]["uses"][0]["procedure"], "SENSOR_READ");
    assert_eq!(lines[1]["compatible"], false);

    let wrong = file("wrong.x", "struct sample { inr value; };");
    let (code, out, err) = check(&old, &wrong, &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("the type `inr` is unknown") && err.contains("wrong.x:1:17"), "{err}");
    let (code, _, err) = check(&old, Path::new("nowhere.x"), &[]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read nowhere.x"), "{err}");
}

#[test]
fn compile_generates_what_oncilla_rpcgen_does() {
    let (code, out, err) = run(["compile", SENSOR_X, "--idempotent", "SENSOR_READ"]);
    let rust = oncilla_rpcgen::Options::new().idempotent("SENSOR_READ").generate(SENSOR_X).unwrap().rust;
    assert_eq!((code, out, err.as_str()), (0, rust, ""));

    let folder = tempfile::tempdir().unwrap();
    let (file, wrong) = (folder.path().join("sensor.rs"), folder.path().join("wrong.x"));
    assert_eq!(run(["compile", SENSOR_X, "-o", file.to_str().unwrap()]), (0, String::new(), String::new()));
    assert_eq!(fs::read_to_string(&file).unwrap(), oncilla_rpcgen::Options::new().generate(SENSOR_X).unwrap().rust);

    fs::write(&wrong, "struct s { quadruple a; };").unwrap();
    let (code, out, err) = run(["compile", wrong.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("wrong.x:1:12"), "{err}");
    for arguments in [["compile", "nowhere.x"].as_slice(), &["compile", SENSOR_X, "--oneway", "NO_SUCH"]] {
        assert_eq!(run(arguments.iter().copied()).0, 2, "{arguments:?}");
    }
}
