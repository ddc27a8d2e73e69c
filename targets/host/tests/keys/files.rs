//! Key files.

use std::fs;

use oncilla_host::keys::{KeyClient, KeyError, KeyFile, KeyId, KeyServer, Keyring, NewKey};

use crate::*;

#[test]
fn a_new_key_is_written_and_read() {
    let folder = Folder::new();
    let path = folder.file("oven.key");
    let new = NewKey::random(KeyId(7), "the oven").unwrap();
    new.write(&path).unwrap();
    let file = KeyFile::read(&path).unwrap();
    assert_eq!(file.names().collect::<Vec<_>>(), [(KeyId(7), "the oven")]);
    assert!(file.find(KeyId(7)).is_some_and(|(place, key)| place == 0 && key.id() == KeyId(7)));
    assert!(file.find(KeyId(8)).is_none());
    let other = NewKey::random(KeyId(7), "").unwrap();
    assert_ne!(new.secret(), other.secret());
    let before = fs::read(&path).unwrap();
    let error = other.write(&path).unwrap_err();
    assert!(matches!(error, KeyError::Exists(_)) && error.to_string().contains("not overwritten"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn only_this_user_may_read_a_key_file() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let folder = Folder::new();
    let path = folder.file("oven.key");
    NewKey::random(KeyId(7), "").unwrap().write(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o601, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyFile::read(&path).unwrap_err();
        assert!(matches!(error, KeyError::Mode { .. }), "{mode:o}: {error}");
        let text = error.to_string();
        assert!(text.contains(&format!("mode {mode:04o}")) && text.contains("chmod 600"), "{text}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        KeyFile::read(&path).unwrap();
    }
}

/// Root can give a file away; another user cannot, and needs no test for that: its files are its own.
#[cfg(unix)]
#[test]
fn a_key_file_belongs_to_this_user() {
    let folder = Folder::new();
    let path = folder.file("oven.key");
    NewKey::random(KeyId(7), "").unwrap().write(&path).unwrap();
    let given = std::os::unix::fs::chown(&path, Some(65_534), None);
    match (given, KeyFile::read(&path)) {
        (Ok(()), Err(error)) => {
            assert!(matches!(error, KeyError::Owner { owner: 65_534, .. }), "{error}");
            assert!(error.to_string().contains("belongs to the user with the number 65534"), "{error}");
        }
        (Err(error), read) => assert!(error.kind() == std::io::ErrorKind::PermissionDenied && read.is_ok(), "{error}"),
        (Ok(()), Ok(_)) => panic!("the file of another user was read"),
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    use nix::sys::stat::Mode;

    let folder = Folder::new();
    let fifo = folder.file("fifo");
    // Without a writer: opening it to read would wait.
    nix::unistd::mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    for path in [&*fifo, std::path::Path::new("/dev/zero"), &std::env::temp_dir()] {
        let error = KeyFile::read(path).unwrap_err();
        assert!(matches!(error, KeyError::NotRegular(_)), "{error}");
    }
}

#[test]
fn a_secret_in_the_place_of_a_path_is_not_shown() {
    for text in [SECRET.to_owned(), format!("7 {SECRET} oven"), format!("keys/{SECRET}")] {
        let error = KeyFile::read(&text).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("looks like a secret") && !shown.contains(&SECRET[..8]), "{shown}");
    }
}

#[test]
fn wrong_files_are_refused_without_their_secrets() {
    let twice = format!("{KEYS}11 {SECRET}\n");
    let long = format!("1 {SECRET}\n2 {SECRET}{SECRET}\n");
    for (text, expected) in [
        ("", "has no key"),
        ("# 1 00\n\n", "has no key"),
        (&*twice, "line 4 of the key file plant.key: an earlier line has the key id 11, too"),
        (&*long, "line 2 of the key file plant.key: the secret must have 32"),
    ] {
        let error = KeyFile::parse("plant.key", text).unwrap_err();
        let (shown, debug) = (error.to_string(), format!("{error:?}"));
        assert!(shown.contains(expected), "{shown}");
        assert!(!shown.contains(&SECRET[..8]) && !debug.contains(&SECRET[..8]), "{debug}");
    }
    let folder = Folder::new();
    let error = KeyFile::read(folder.file("absent")).unwrap_err().to_string();
    assert!(error.contains("oncilla key new"), "{error}");
}

#[test]
fn one_key_of_several_is_chosen_by_its_id() {
    let file = keys(KEYS);
    let error = KeyClient::new(&file).unwrap_err().to_string();
    assert!(error.contains("2 keys (11, 12)"), "{error}");
    let error = KeyClient::of(&file, KeyId(13)).unwrap_err().to_string();
    assert!(error.contains("no key with the id 13; it has 11, 12"), "{error}");
    assert_eq!(KeyClient::of(&file, KeyId(12)).unwrap().id(), KeyId(12));
}

#[test]
fn debug_shows_no_secret() {
    let file = keys(KEYS);
    let client = KeyClient::of(&file, KeyId(11)).unwrap();
    let server = KeyServer::new(&file).unwrap();
    let new = NewKey::random(KeyId(7), "n").unwrap();
    let digits: String = new.secret().iter().map(|byte| format!("{byte:02x}")).collect();
    let shown = format!(
        "{file:?} {client:?} {server:?} {new:?} {:?} {:?}",
        client.opener().unwrap(),
        server.acceptor::<1>().unwrap()
    );
    // As text, and as lists of numbers in either base.
    for secret in [SECRET, &digits, "17, 34, 51", "0x11, 0x22"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("oven"), "{shown}");
}
