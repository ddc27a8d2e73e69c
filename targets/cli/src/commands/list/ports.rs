//! The serial ports of this machine.

use oncilla_host::{Port, UsbPort};
use oncilla_rpcgen::harmless;
use serde_json::json;

use super::table::lines;
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};

pub fn run(context: &Context) -> Done {
    let ports = oncilla_host::ports()
        .map_err(|error| Failure::new(Exit::Failed, format_args!("cannot list the serial ports: {error}")))?;
    if context.output.json {
        return ports.iter().try_for_each(|port| context.output.value(&of_port(port)));
    }
    if ports.is_empty() {
        context.output.note("this machine has no serial port");
        return Ok(());
    }
    let column = |heading: &str, cell: fn(&Port) -> String| -> Vec<String> {
        std::iter::once(heading.to_owned()).chain(ports.iter().map(cell)).collect()
    };
    let name = |port: &Port| harmless(&port.name).into_owned();
    let usb = |port: &Port| port.usb.as_ref().map(ToString::to_string).unwrap_or_default();
    let product = |port: &Port| port.usb.as_ref().map(product).unwrap_or_default();
    lines(context, &[column("PORT", name), column("USB DEVICE", usb), column("PRODUCT", product)])
}

fn of_port(port: &Port) -> serde_json::Value {
    let usb = port.usb.as_ref().map(|usb| {
        json!({
            "selector": usb.to_string(), "vendor": usb.vendor, "product": usb.product, "serial": usb.serial,
            "manufacturer": usb.manufacturer, "name": usb.name, "interface": usb.interface,
        })
    });
    json!({"port": port.name, "usb": usb})
}

fn product(usb: &UsbPort) -> String {
    let names: Vec<_> = [&usb.manufacturer, &usb.name].into_iter().flatten().map(String::as_str).collect();
    harmless(&names.join(" ")).into_owned()
}
