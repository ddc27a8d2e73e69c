//! The credential of this process is what the system says of it.

use std::process::Command;

use crate::served::Served;

/// What a command prints, in words.
fn said(command: &str, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(command)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot run {command}: {error}; install it: apt install coreutils"));
    assert!(output.status.success(), "{command}: {output:?}");
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn as_the_system_says() {
    let number = |option| said("id", &[option])[0].parse::<u32>().unwrap();
    // It lists the first group, too, whether or not it is among the others.
    let mut listed: Vec<u32> = said("id", &["-G"]).iter().map(|group| group.parse().unwrap()).collect();
    for told in Served::start().ask(&oncilla_host::process_credential(), false) {
        let who = told.who.unwrap();
        assert_eq!((who.uid, who.gid), (number("-u"), number("-g")));
        assert_eq!(who.machine, said("uname", &["-n"])[0].as_bytes());
        assert_ne!(who.stamp, 0);
        let mut groups: Vec<u32> = who.groups.iter().copied().chain([who.gid]).collect();
        for groups in [&mut groups, &mut listed] {
            groups.sort();
            groups.dedup();
        }
        if listed.len() <= 16 {
            assert_eq!(groups, listed);
        } else {
            assert!(groups.iter().all(|group| listed.contains(group)), "{groups:?}");
        }
    }
}
