//! The shim with keys.

use crate::examples::{WAYS, ours, run};

#[test]
fn clients_and_the_server_have_keys() {
    for way in WAYS {
        let output = run(&mut ours("keyed_posix", way), "valgrind");
        let expected = "TCP: ONCILLA_OK, ONCILLA_OK\nUDP: ONCILLA_OK\na wrong key: ONCILLA_CLOSED, ONCILLA_TIMED_OUT\n\
                        the right one: ONCILLA_OK\n4 additions: success\n";
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
}
