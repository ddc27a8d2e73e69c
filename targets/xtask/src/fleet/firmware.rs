//! Firmware in QEMU behind a gateway, called over a real broker: by the command and by MQTT clients that nobody here
//! wrote.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use oncilla_fleet_tests::{
    broker::{self, Broker},
    gateway::{self, Gateway},
    mosquitto,
};

use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    firmware_tests::command,
    process::{output_within, run_for, step},
    python_clients::MQTT,
    qemu::{self, Terminal},
    workspace,
};

/// The time limit of the board, which must last for all tests.
const LIMIT: Duration = Duration::from_secs(300);

/// The time limit of one client.
const CLIENT: Duration = Duration::from_secs(60);

/// What has been started for the tests.
struct Scene {
    broker: Broker,
    _gateway: Gateway,
    _board: Terminal,
}

/// A test.
type Test = fn(&Scene) -> Result<()>;

const TESTS: [(&str, Test); 4] = [
    ("paho-mqtt calls firmware by JSON and by bytes, in a group, and any of a group", by_paho),
    ("mosquitto_rr calls firmware by JSON, and mosquitto_pub by bytes", by_mosquitto),
    ("the command calls firmware over the broker", by_command),
    ("Python calls firmware over the broker", by_python),
];

/// Boots the firmware and runs all tests.
pub fn run(from_source: bool) -> Result<()> {
    let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
    let files = firmware.build(Profile::Plain, Features::All, &["sensor"])?;
    let mut boot = qemu::command(&LM3S6965EVB, files.first().context("the firmware was built")?)?;
    boot.args(["-monitor", "none", "-serial", "null", "-serial", "pty"]);
    let board = Terminal::boot(&mut boot, LIMIT)?;
    step("testing firmware behind a gateway");
    let broker = Broker::start(&broker::Settings::default())?;
    let settings = gateway::Settings::new("west", broker.port());
    let settings = settings.device("sensor-1", &format!("serial:{}", board.path()), &["sensors"]);
    let gateway = Gateway::start(broker.folder(), &settings)?;
    let scene = Scene { broker, _gateway: gateway, _board: board };
    for (claim, test) in TESTS {
        test(&scene).with_context(|| format!("test {claim} ... FAILED; {}", scene._gateway.log()))?;
        println!("test {claim} ... ok");
    }
    println!("{} passed, 0 failed", TESTS.len());
    Ok(())
}

/// It is the first test, since it waits until the firmware is there.
fn by_paho(scene: &Scene) -> Result<()> {
    let mut paho = Command::new(MQTT.python()?);
    paho.arg(workspace::root().join("tests/fleet/clients/sensor.py"));
    run_for(CLIENT, paho.args([&scene.broker.port().to_string(), "sensor-1"]))
}

fn by_mosquitto(scene: &Scene) -> Result<()> {
    let client = mosquitto::Client::new(scene.broker.port());
    let topic = "plant/call/sensor-1/0x20000051/-";
    let call = r#"{"procedure": "sensor.read", "arguments": {"channel": 0}}"#;
    let reply =
        client.request(topic, "plant/reply/-/rr", call, &["-D", "publish", "content-type", "application/json"])?;
    ensure!(reply.contains("21625"), "the reply was {reply:?}");
    let file = scene.broker.file("call");
    let words = [7u32, 0, 2, 0x2000_0051, 1, 1, 0, 0, 0, 0, 0];
    fs::write(&file, words.map(u32::to_be_bytes).concat())?;
    let reply = client.request_file(topic, "plant/reply/-/file", &file)?;
    // The reply's header, then STATUS_OK, the time and the value.
    let expected = [7u32, 1, 0, 0, 0, 0, 0, 0, 2000, 21_625].map(|word| format!("{word:08x}")).concat();
    ensure!(reply == expected, "the reply was {reply} and not {expected}");
    Ok(())
}

fn by_command(scene: &Scene) -> Result<()> {
    let target = format!("mqtt://127.0.0.1:{}/plant/sensor-1", scene.broker.port());
    let mut oncilla = Command::new(command::program());
    oncilla.env("HOME", "/dev/null").env_remove("XDG_CONFIG_HOME").env_remove("XDG_STATE_HOME");
    let printed = output_within(CLIENT, oncilla.args(["-t", &target, "call", "sensor.read", "0"]))?;
    ensure!(printed == "STATUS_OK:\n  time: 2000\n  value: 21625", "the command printed {printed:?}");
    Ok(())
}

/// The package with its library from this build, so that no wheel is built.
fn by_python(scene: &Scene) -> Result<()> {
    run_for(LIMIT, workspace::cargo().args(["build", "--package", "oncilla-python"]))?;
    let package = scene.broker.file("python").join("oncilla_rpc");
    copy(&workspace::root().join("targets/python/python/oncilla_rpc"), &package)?;
    fs::copy(workspace::target().join("debug/liboncilla_python.so"), package.join("_native.abi3.so"))?;
    let target = format!("mqtt://127.0.0.1:{}/plant/sensor-1", scene.broker.port());
    let program = "import sys, oncilla_rpc\n\
        with oncilla_rpc.connect(sys.argv[1]) as device:\n    print(device.sensor.history(0)[-1].value)";
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", scene.broker.file("python")).env("PYTHONDONTWRITEBYTECODE", "1");
    let printed = output_within(CLIENT, python.args(["-c", program, &target]))?;
    ensure!(printed == "21625", "Python printed {printed:?}");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
