//! The file of a server's socket.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};

use crate::*;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Calls the server at a path, which must be there.
fn call(server: &mut Server, path: &Path) {
    let stopper = server.stopper();
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.serve(&MODULES, &TABLE, &mut State::default()));
        let mut client = Client::connect(path, MODULES).unwrap().timeout(PATIENCE);
        let sum = counter::Client::new(&mut client).add(1, 2);
        stopper.stop();
        serving.join().unwrap().unwrap();
        assert_eq!(sum.unwrap(), 3);
    });
}

#[test]
fn the_file_has_its_mode_and_is_removed() {
    let folder = Folder::new();
    let path = folder.socket();
    for (server, expected) in [
        ((|path| Server::bind(path)) as fn(&Path) -> _, 0o600),
        (|path| Server::bind_with_mode(path, 0o666), 0o666),
        (|path| Server::bind_with_mode(path, 0o660), 0o660),
    ] {
        let server = server(&path).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
        assert_eq!(mode(&path), expected);
        drop(server);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0, "files are left");
    }
}

#[test]
fn a_file_that_a_server_left_behind_is_replaced() {
    let folder = Folder::new();
    let path = folder.socket();
    for kind in [Type::SEQPACKET, Type::STREAM] {
        let left = Socket::new(Domain::UNIX, kind, None).unwrap();
        left.bind(&SockAddr::unix(&path).unwrap()).unwrap();
        drop(left);
        assert!(path.exists());
        call(&mut Server::bind(&path).unwrap(), &path);
    }
}

#[test]
fn a_socket_in_use_stays() {
    let folder = Folder::new();
    let path = folder.socket();
    let mut first = Server::bind(&path).unwrap();
    let error = Server::bind(&path).unwrap_err();
    let Error::Listen { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.kind(), std::io::ErrorKind::AddrInUse, "{error}");
    call(&mut first, &path);
}

#[test]
fn a_socket_of_another_type_in_use_and_other_files_stay() {
    let folder = Folder::new();
    let path = folder.socket();
    let _other = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let error = Server::bind(&path).unwrap_err();
    assert!(
        matches!(&error, Error::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse),
        "{error}"
    );
    fs::remove_file(&path).unwrap();
    fs::write(&path, "text").unwrap();
    let error = Server::bind(&path).unwrap_err();
    assert!(error.to_string().contains("a file that is not a socket has this path"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "text");
}

#[test]
fn a_missing_server_is_an_error() {
    let folder = Folder::new();
    let error = Client::connect(folder.socket(), MODULES).unwrap_err();
    assert!(
        matches!(&error, Error::Connect { source, .. } if source.kind() == std::io::ErrorKind::NotFound),
        "{error}"
    );
}
