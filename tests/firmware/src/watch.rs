//! What the firmware calls its host for. The host includes this file too.

oncilla::xdr_struct! {
    /// How the firmware is.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Report {
        /// What the program on the other line has added up: state of the server's task, read under its lock.
        pub sum: u32,
        /// How many rounds the task of the lowest priority has made.
        pub rounds: u32,
        /// Lines that the log had no room for.
        pub lost: u32,
        /// Bytes of their stacks that the tasks never used: server, client, log, spinner.
        pub stacks_left: [u32; 4],
    }
}

oncilla::program! {
    /// The host watches the firmware.
    pub mod watch = 0x2000_0071, version 1 {
        /// The firmware reports; it is told whether its task of the lowest priority is to spin.
        fn report(report: Report) -> bool = 1;
    }
}
