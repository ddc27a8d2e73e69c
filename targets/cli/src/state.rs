//! Files that are kept between runs in the user's state folder: stored calls, histories.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::{fs, process};

use fs4::FileExt;

/// Returns the folder, which may not exist yet. `None` if this user has none.
pub fn folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let base = etcetera::choose_base_strategy().ok()?;
    // Windows has no folder for state alone.
    Some(base.state_dir().unwrap_or_else(|| base.data_dir()).join("oncilla"))
}

/// Creates the folder of a file, for the user alone: calls may contain secrets.
pub fn create_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Replaces a file at once: other processes read the old text or the new one.
///
/// A file that has this text already is left alone: on ext4, a rename over a file writes to the disk, which takes
/// longer than a call.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    if has(path, text) {
        return Ok(());
    }
    create_folder_of(path)?;
    // A link to a file stays one: the file behind it is replaced. A device behind a link is not.
    let path = &if path.is_file() { fs::canonicalize(path)? } else { path.to_owned() };
    let new = path.with_extension(format!("{}.new", process::id()));
    let replaced = fs::write(&new, text).and_then(|()| fs::rename(&new, path));
    if replaced.is_err() {
        // It may not exist.
        let _ = fs::remove_file(&new);
    }
    replaced
}

/// Returns whether a file has this text. The length is compared first, so that no large file is read.
fn has(path: &Path, text: &str) -> bool {
    let is_as_long = fs::metadata(path).is_ok_and(|old| old.is_file() && old.len() == text.len() as u64);
    is_as_long && fs::read(path).is_ok_and(|old| old == text.as_bytes())
}

/// Waits until no other process holds the lock of a file, and holds it until the result is dropped.
///
/// A file that is read, changed and replaced needs it, or changes of another process are lost. The lock is a file beside
/// it, since the file itself is replaced.
pub fn lock(path: &Path) -> io::Result<File> {
    create_folder_of(path)?;
    let lock = File::options().create(true).truncate(false).write(true).open(path.with_extension("lock"))?;
    loop {
        match FileExt::lock(&lock) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            locked => return locked.map(|()| lock),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_only_by_another_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/last.toml");
        let number = || fs::metadata(&path).unwrap().ino();
        replace(&path, "one").unwrap();
        let first = number();
        replace(&path, "one").unwrap();
        assert_eq!(number(), first);
        for text in ["two", "longer", ""] {
            replace(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path().join("below")).unwrap().count(), 1);
    }
}
