//! `cargo bench -p oncilla-bench --bench rpcgen`: how long the compiler of `.x` files takes, from text to Rust.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use oncilla_rpcgen::Options;

/// Times that each is compiled. The one in the middle counts.
const RUNS: usize = 21;

fn main() {
    let nfs = Path::new("/usr/include/rpcsvc/nfs_prot.x");
    let text = fs::read_to_string(nfs).expect("it is in Debian's package libc6-dev or rpcsvc-proto");
    println!("{:<24}{:>8}{:>12}   limit", "", "lines", "");
    row("nfs_prot.x", &text, Duration::from_millis(50));
    row("every construct, often", &large(10_000), Duration::from_secs(1));
}

fn row(name: &str, text: &str, limit: Duration) {
    let time = median(text);
    let verdict = if time <= limit { "kept" } else { "MISSED" };
    let (lines, milliseconds) = (text.lines().count(), time.as_secs_f64() * 1e3);
    println!("{name:<24}{lines:>8}{milliseconds:>9.2} ms   {} ms, {verdict}", limit.as_millis());
}

fn median(text: &str) -> Duration {
    let run = |_| {
        let start = Instant::now();
        black_box(Options::new().generate_text("bench.x", black_box(text)).expect("it is right"));
        start.elapsed()
    };
    let mut times: Vec<_> = (0..RUNS).map(run).collect();
    times.sort_unstable();
    times[RUNS / 2]
}

/// A file of so many lines at least: one of every construct, again and again under other names.
fn large(lines: usize) -> String {
    let once = include_str!("../interop/constructs.x");
    let copies = lines.div_ceil(once.lines().count());
    (0..copies).map(|copy| renamed(once, copy)).collect()
}

/// Names are what is neither a keyword nor a number nor in a comment; a number at their end makes them others.
fn renamed(text: &str, copy: usize) -> String {
    const WORDS: &str = " bool case char const default double enum float hyper int long opaque program short string \
                         struct switch typedef union unsigned version void TRUE FALSE ";
    let mut out = String::new();
    for (place, part) in text.split("/*").enumerate() {
        let (comment, code) = if place == 0 { ("", part) } else { part.split_once("*/").expect("it ends") };
        if place > 0 {
            out += &format!("/*{comment}*/");
        }
        for word in code.split_inclusive(|character: char| !character.is_ascii_alphanumeric() && character != '_') {
            let end = word.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == '_');
            let name = &word[..word.len() - end.len()];
            let is_name = name.starts_with(char::is_alphabetic) && !WORDS.contains(&format!(" {name} "));
            out += &if is_name { format!("{name}_{copy}{end}") } else { word.to_owned() };
        }
    }
    // Each copy is a program of its own.
    out.replace("0x20000777", &format!("{}", 0x2000_0777 + copy))
}
