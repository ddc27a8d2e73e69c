//! `oncilla man`: man pages.

use std::fs;
use std::path::PathBuf;

use crate::cli;
use crate::failure::{Done, Failure};
use crate::output::Output;

/// Prints the man page, or writes those of all commands to a folder
#[derive(clap::Args)]
pub struct Arguments {
    /// Writes a page for this command and each of its commands to this folder
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, output: Output) -> Done {
    match &arguments.output {
        Some(folder) => {
            let failed = |error| Failure::file("write man pages to", folder, &error);
            fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(cli::command(), folder).map_err(failed)
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(cli::command()).render(&mut page).map_err(|error| Failure::output(&error))?;
            output.bytes(&page)
        }
    }
}
