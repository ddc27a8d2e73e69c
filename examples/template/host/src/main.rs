//! Calls the thermometer over a serial port.

use std::{env, error::Error, process::ExitCode};

use interface::thermometer;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).ok_or("the serial port is missing: cargo run -- /dev/pts/3")?;
    let mut client = oncilla_host::serial(&port, 115_200)?;
    let mut thermometer = thermometer::Client::new(&mut client);

    println!("model: {}", thermometer.model()?);
    println!("channel 0: {:?}", thermometer.read(0)?);
    println!("calibrate: {:?}", thermometer.calibrate(0, -250)?);
    println!("channel 0: {:?}", thermometer.read(0)?);
    println!("channel 7: {:?}", thermometer.read(7)?);
    Ok(())
}
