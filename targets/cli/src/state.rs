//! Files that are kept between runs in the user's state folder: stored calls, histories.

use std::io;
use std::path::{Path, PathBuf};
use std::{fs, process};

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
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    create_folder_of(path)?;
    let new = path.with_extension(format!("{}.new", process::id()));
    let replaced = fs::write(&new, text).and_then(|()| fs::rename(&new, path));
    if replaced.is_err() {
        // It may not exist.
        let _ = fs::remove_file(&new);
    }
    replaced
}
