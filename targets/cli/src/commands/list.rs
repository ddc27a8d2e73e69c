//! `oncilla list`: what there is.

use oncilla::rpcbind::PortMapper;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Done, Failure};

/// Lists the programs of a device, or the serial ports of this machine
#[derive(clap::Args)]
pub struct Arguments {
    /// Lists the serial ports of this machine
    #[arg(long)]
    ports: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    if arguments.ports {
        return ports(context);
    }
    let mut device = context.connect()?;
    let mut mappings = Vec::new();
    PortMapper::new(&mut device).dump(|mapping| mappings.push(mapping))?;
    for mapping in mappings {
        let value = json!({"program": mapping.program, "version": mapping.version, "protocol": mapping.protocol, "port": mapping.port});
        context.output.value(&value)?;
    }
    Ok(())
}

fn ports(context: &Context) -> Done {
    let ports =
        oncilla_host::ports().map_err(|error| Failure::usage(format_args!("cannot list the ports: {error}")))?;
    for port in ports {
        context.output.line(port)?;
    }
    Ok(())
}
