//! The files of the page.

/// A file of the page.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Its name in the folder of the page, such as `index.html`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub content: &'static [u8],
}

macro_rules! files {
    ($($name:literal $media_type:expr,)+) => {
        /// All files. They need no other file, and no other host.
        pub const FILES: &[File] = &[
            $(File { name: $name, media_type: $media_type, content: include_bytes!(concat!("../page/", $name)) },)+
        ];
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

files! {
    "index.html" HTML,
    "style.css" CSS,
    "icon.svg" PICTURE,
    "alone.js" SCRIPT,
    "chart.js" SCRIPT,
    "client.js" SCRIPT,
    "code.js" SCRIPT,
    "csv.js" SCRIPT,
    "device.js" SCRIPT,
    "dom.js" SCRIPT,
    "form.js" SCRIPT,
    "history.js" SCRIPT,
    "json.js" SCRIPT,
    "link.js" SCRIPT,
    "lists.js" SCRIPT,
    "log.js" SCRIPT,
    "main.js" SCRIPT,
    "opaque.js" SCRIPT,
    "page.js" SCRIPT,
    "panels.css" CSS,
    "panels.js" SCRIPT,
    "plots.js" SCRIPT,
    "serial.js" SCRIPT,
    "series.js" SCRIPT,
    "socket.js" SCRIPT,
    "template.js" SCRIPT,
    "theme.js" SCRIPT,
    "unions.js" SCRIPT,
    "value.js" SCRIPT,
    "zoom.js" SCRIPT,
}

/// Returns the file of a name.
#[must_use]
pub fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The names of all files are those of the folder.
    #[test]
    fn every_file_of_the_folder_is_there() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/page")).unwrap();
        let there: BTreeSet<_> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        let known: BTreeSet<_> = FILES.iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(there, known);
    }

    /// A script imports files that are there.
    #[test]
    fn imports_and_links_are_files() {
        for file in FILES {
            let text = std::str::from_utf8(file.content).unwrap();
            for rest in text.split("from \"./").skip(1) {
                let name = rest.split('"').next().unwrap();
                assert!(super::file(name).is_some(), "{} imports {name}", file.name);
            }
            assert!(!text.contains("https://") && !text.contains("innerHTML"), "{}", file.name);
        }
    }
}
