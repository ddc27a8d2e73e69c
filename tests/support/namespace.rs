//! A test in a network namespace of its own, where nobody else has ports or sends packets.

use std::env;
use std::path::Path;
use std::process::{Command, ExitStatus};

/// Set for the process that is inside.
const INSIDE: &str = "TEST_HAS_A_NETWORK_NAMESPACE";

/// Seconds for the whole test, and then for it to end when it is asked to.
const LIMIT: [&str; 2] = ["120", "5"];

/// Runs `test` inside. `name` is the whole name of the test function that calls this: it is run once more, in a
/// process of its own, which then is inside.
pub fn alone(name: &str, test: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        let up = Command::new(found("ip")).args(["link", "set", "lo", "up"]).status();
        assert!(up.is_ok_and(|status| status.success()), "cannot use `ip`; install it: apt install iproute2");
        return test();
    }
    let [limit, grace] = LIMIT;
    let output = Command::new("timeout")
        .args(["--kill-after", grace, limit, "unshare", "--net", "--mount"])
        // Who is not root becomes it in a user namespace, where the system allows that.
        .args((!is_root()).then_some("--map-root-user"))
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap_or_else(|error| panic!("cannot run timeout: {error}; install it: apt install coreutils util-linux"));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let ran = text.contains("running 1 test");
    assert!(
        output.status.success() && ran,
        "{} ({})\n{text}",
        if ran {
            "the test failed in its namespace"
        } else {
            "no network namespace could be made, or no such test: run it as root"
        },
        how(output.status),
    );
}

fn how(status: ExitStatus) -> String {
    if status.code() == Some(124) { format!("not done after {} s", LIMIT[0]) } else { status.to_string() }
}

fn is_root() -> bool {
    // Everything under /proc/self belongs to the user of the process.
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

/// Where a program is that Debian keeps where an ordinary user's PATH does not look.
pub fn found(program: &str) -> String {
    let elsewhere = ["/usr/sbin", "/sbin"].map(|folder| format!("{folder}/{program}"));
    elsewhere.into_iter().find(|path| Path::new(path).exists()).unwrap_or_else(|| program.to_owned())
}
