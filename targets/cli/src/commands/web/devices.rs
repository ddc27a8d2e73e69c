//! The devices of the page: those of the command line, and all of a fleet.

use std::path::Path;
use std::sync::Arc;

use oncilla_fleet::Place;
use oncilla_web::panels::Panels;
use oncilla_web::server::Device;

use crate::connect::mqtt;
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::settings::{From, Setting, Settings};
use crate::target::{Address, Target};

/// The most devices of a page.
const MOST: usize = 64;

/// Returns the devices of the command line, else those of the settings.
pub fn of(targets: &[String], panels: Option<&Arc<Panels>>, context: &Context) -> Done<Vec<Device>> {
    let mut devices = Vec::new();
    if targets.is_empty() {
        for settings in context.sources.all()? {
            add(None, settings, context, &mut devices)?;
        }
    }
    for text in targets {
        let (name, target) = named(text);
        add(name, context.sources.settings_for(target)?, context, &mut devices)?;
    }
    for device in &mut devices {
        // Those of a device that describes itself are checked when it has done so.
        if let (Some(panels), Some(interface)) = (panels, &device.interface) {
            panels.resolve(interface).map_err(Failure::usage)?;
        }
        device.panels = panels.cloned();
    }
    if devices.len() > MOST {
        return Err(Failure::usage(format_args!("there are {} devices; a page has {MOST} at most", devices.len()))
            .help("name those to show, such as mqtt://BROKER/FLEET/DEVICE"));
    }
    Ok(devices)
}

/// Separates a name for the page from a target: `oven=tcp://…`. `usb=…` is a target.
fn named(text: &str) -> (Option<&str>, &str) {
    match text.split_once('=') {
        Some((name, target)) if name != "usb" && !name.is_empty() && !name.contains([':', '/', '?']) => {
            (Some(name), target)
        }
        _ => (None, text),
    }
}

fn add(name: Option<&str>, settings: Settings, context: &Context, devices: &mut Vec<Device>) -> Done {
    let target = settings.target.as_ref().ok_or_else(crate::connect::no_target)?;
    let group = match &target.value.address {
        Address::Mqtt(address) => match &address.place {
            Place::Fleet => Some(None),
            Place::Group(group) => Some(Some(group.clone())),
            _ => None,
        },
        _ => None,
    };
    let (Some(group), Address::Mqtt(address)) = (group, &target.value.address) else {
        let given = settings.given.as_ref().map(|given| given.value.clone());
        let name = name.map(str::to_owned).or(given).unwrap_or_else(|| target.value.to_string());
        devices.push(device(name, settings, context)?);
        return Ok(());
    };
    let fleet = mqtt::fleet(&address.at(Place::Fleet), &settings)?;
    for (name, presence) in fleet.devices()? {
        if group.as_ref().is_some_and(|group| !presence.groups.iter().any(|one| **one == *group.to_string())) {
            continue;
        }
        let place = Address::Mqtt(address.at(Place::Device(name.clone())));
        let one = Target { address: place, ..target.value.clone() };
        let settings = Settings { target: Some(Setting { value: one, from: From::Option }), ..settings.clone() };
        devices.push(device(name.to_string(), settings, context)?);
    }
    Ok(())
}

fn device(name: String, settings: Settings, context: &Context) -> Done<Device> {
    let interface = context.interface_of_file(&settings)?;
    Ok(Device { name, interface, how: context.how(), settings, panels: None })
}

/// Reads a file with panels.
pub fn panels(path: &Path) -> Done<Arc<Panels>> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    Panels::parse(&path.display().to_string(), &text).map(Arc::new).map_err(Failure::usage)
}
