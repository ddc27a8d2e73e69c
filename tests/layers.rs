//! The folders of `src` are layers: each room uses only what stands below it.

use std::{collections::BTreeSet, fs, path::Path};

/// The rooms from the lowest to the highest, with what each may use. ARCHITECTURE.md has the same table.
const ROOMS: [(&str, &[&str]); 11] = [
    ("xdr", &[]),
    ("message", &["xdr"]),
    ("codec", &["message", "xdr"]),
    ("framing", &["message"]),
    ("keys", &["framing", "message"]),
    ("link", &["keys", "framing", "message"]),
    ("server", &["link", "framing", "message"]),
    ("client", &["link", "framing", "codec", "message", "xdr"]),
    ("endpoint", &["client", "server", "link", "framing", "codec", "message", "xdr"]),
    ("rpcbind", &["client", "server", "codec", "message", "xdr"]),
    ("program", &["client", "server", "codec", "message", "xdr"]),
];

/// The code of a file without comments, tests and the bodies of macros, which users expand.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names: after `crate::`, but not after `$crate::`.
fn used(code: &str) -> BTreeSet<&str> {
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if !code[..at].ends_with('$') {
            let rest = &code[at + "crate::".len()..];
            let (name, after) =
                rest.split_at(rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()));
            // Macros are the crate's, whatever room defines them.
            if !after.starts_with('!') {
                rooms.insert(name);
            }
        }
    }
    rooms
}

fn visit(folder: &Path, room: &str, allowed: &[&str], faults: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, room, allowed, faults);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for other in used(&code(&text)) {
            if other != room && !allowed.contains(&other) {
                faults.push(format!("{} uses `crate::{other}`, which is not below {room}", path.display()));
            }
        }
    }
}

#[test]
fn each_room_uses_only_what_is_below() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for (room, allowed) in ROOMS {
        visit(&src.join(room), room, allowed, &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn rooms_stand_in_order() {
    for (place, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            assert!(
                ROOMS[..place].iter().any(|(below, _)| below == other),
                "{room} uses {other}, which stands above it"
            );
        }
    }
}

#[test]
fn everything_is_in_a_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            name == "lib.rs" || name == "guide" || ROOMS.iter().any(|(room, _)| *room == name),
            "src/{name} is in no room"
        );
    }
}
