//! The page without a server: a folder that any web server hands out.
//!
//! The browser calls the device itself, over WebSerial. The client is `targets/web-wasm`, compiled to WebAssembly.

use std::borrow::Cow;

use oncilla_dynamic::Interface;
use serde_json::{Value, json};

use crate::page;
use crate::panels::{PanelError, Panels};

/// What the page of the folder may do: load its own files, and compile its own WebAssembly. No text becomes a script.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The script of a page with a server, in `index.html`.
const SERVED: &str = r#"<script type="module" src="main.js"></script>"#;

/// Files that only a page with a server has.
const SERVED_ONLY: [&str; 2] = ["main.js", "socket.js"];

/// What the maker of a folder chooses.
#[derive(Clone, Debug, Default)]
pub struct Maker {
    /// The name of the product, as the title of the page.
    pub title: Option<String>,
    /// The text of the interface. Without it, the page asks the device.
    pub interface: Option<String>,
    /// The panels.
    pub panels: Option<Panels>,
    /// The baud rate.
    pub baud: Option<u32>,
}

impl Maker {
    /// Checks the panels, if the interface is known.
    ///
    /// # Errors
    /// The panels do not fit the interface.
    pub fn check(&self) -> Result<(), PanelError> {
        match (&self.panels, self.interface.as_deref().map(Interface::parse)) {
            (Some(panels), Some(Ok(interface))) => panels.resolve(&interface).map(drop),
            _ => Ok(()),
        }
    }

    /// Returns the choices for the page.
    fn settings(&self) -> Value {
        let Self { title, interface, panels, baud } = self;
        let mut settings = json!({});
        if let Some(object) = settings.as_object_mut() {
            object.extend(title.as_ref().map(|title| ("title".to_owned(), json!(title))));
            object.extend(interface.as_ref().map(|text| ("interface".to_owned(), json!(text))));
            object.extend(panels.as_ref().map(|panels| ("panels".to_owned(), json!(panels))));
            object.extend(baud.map(|baud| ("baud".to_owned(), json!(baud))));
        }
        settings
    }
}

/// Returns the files of a folder, with their names. `client` is the client as WebAssembly.
#[must_use]
pub fn files(client: Vec<u8>, maker: &Maker) -> Vec<(&'static str, Cow<'static, [u8]>)> {
    let pages = page::FILES.iter().filter(|file| !SERVED_ONLY.contains(&file.name));
    let mut files: Vec<_> = pages
        .map(|file| {
            (file.name, if file.name == "index.html" { index(file.content).into() } else { file.content.into() })
        })
        .collect();
    files.push(("oncilla.wasm", client.into()));
    files.push(("settings.json", maker.settings().to_string().into_bytes().into()));
    files
}

/// Returns the page with the script that needs no server, and with its policy, which no server states.
fn index(content: &[u8]) -> Vec<u8> {
    let alone = format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<script type=\"module\" src=\"alone.js\"></script>"
    );
    String::from_utf8_lossy(content).replace(SERVED, &alone).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_all_that_its_page_needs() {
        let maker = Maker { title: Some("Oven".to_owned()), baud: Some(9600), ..Maker::default() };
        let files = files(b"client".to_vec(), &maker);
        let text = |name: &str| {
            let (_, content) = files.iter().find(|(known, _)| *known == name).unwrap();
            String::from_utf8(content.to_vec()).unwrap()
        };
        assert_eq!(
            serde_json::from_str::<Value>(&text("settings.json")).unwrap(),
            json!({"title": "Oven", "baud": 9600})
        );
        assert!(text("index.html").contains("'wasm-unsafe-eval'") && !text("index.html").contains("main.js"));
        for (name, _) in &files {
            if !name.ends_with(".js") {
                continue;
            }
            for rest in text(name).split("from \"./").skip(1) {
                let import = rest.split('"').next().unwrap();
                assert!(files.iter().any(|(known, _)| *known == import), "{name} imports {import}");
            }
        }
    }
}
