//! Lists the programs of a device that describes itself. The device's files are not needed.
//!
//! ```text
//! cargo run -p oncilla-rpcgen --features read --example describe -- sensor.local:20049
//! ```

use std::error::Error;
use std::{env, process};

use oncilla_rpcgen::tree::Definition;
use oncilla_rpcgen::{check, read_description};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(address) = env::args().nth(1) else {
        eprintln!("usage: describe HOST:PORT");
        process::exit(2);
    };
    let mut parsed = read_description(&address, &mut oncilla_host::tcp(address.as_str())?)?;
    let interface = check(&parsed.tree, [], &mut parsed.report.diagnostics);
    for item in &parsed.tree.items {
        let Definition::Program(program) = &item.definition else { continue };
        for version in &program.versions {
            let numbers = [interface.value(&program.number), interface.value(&version.number)];
            let [Ok(number), Ok(of)] = numbers else { return Err(Box::new(parsed.report)) };
            println!("program {number:#x}, version {of}: {}, {}", program.name.text, version.name.text);
            version.procedures.iter().for_each(|procedure| println!("    {procedure}"));
        }
    }
    println!("\n{}", parsed.tree);
    Ok(())
}
