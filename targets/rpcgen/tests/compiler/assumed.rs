//! What is said of bounds that nobody states, and of what they make large.

use oncilla_rpcgen::{Data, Error, Options};

const DEEP: &str = "tests/accepted/deep_unbounded.x";

fn notes(options: &Options, path: &str) -> String {
    let output = options.generate(path).unwrap();
    output.report.render_notes(false)
}

#[test]
fn each_assumed_bound_is_a_note_with_its_place_and_its_option() {
    let output = Options::new().generate(DEEP).unwrap();
    let first = output.assumed[0].render(&output.report.sources, false);
    assert!(first.contains("`value.text` has no bound, so 1024 bytes are assumed"), "{first}");
    assert!(first.contains("deep_unbounded.x:2:16") && first.contains("--bound value.text=COUNT"), "{first}");
    assert_eq!(output.assumed.len(), 6);
    let summary = output.assumed_summary().unwrap();
    assert!(summary.contains("1024 bytes in 2 places, 16 elements in 4 places"), "{summary}");
    let options = "`--bytes` (`Options::unbounded_bytes`), `--elements` (`Options::unbounded_elements`)";
    assert!(!summary.contains('\n') && summary.contains(options), "{summary}");
}

#[test]
fn what_is_stated_is_not_assumed() {
    let options = Options::new().unbounded_elements(16).bound("value.text", 8);
    let output = options.generate(DEEP).unwrap();
    assert_eq!(output.assumed.len(), 1);
    assert!(output.assumed_summary().unwrap().contains("1024 bytes in 1 place;"));
    let all = options.unbounded_bytes(1024).generate(DEEP).unwrap();
    assert!(all.assumed.is_empty() && all.assumed_summary().is_none());
}

#[test]
fn on_the_heap_only_the_limit_of_messages_is_assumed() {
    let heap = Options::new().data(Data::Heap);
    let output = heap.generate(DEEP).unwrap();
    assert!(output.assumed.is_empty() && output.report.render_notes(false).is_empty());
    let summary = output.assumed_summary().unwrap();
    assert!(
        summary.contains("a limit of 4194304 bytes is assumed") && summary.contains("`--limit BYTES`"),
        "{summary}"
    );
    assert!(summary.ends_with("in build.rs `Options::new().data(Data::Heap).message_limit(BYTES)`"), "{summary}");
    assert!(heap.clone().message_limit(70_000).generate(DEEP).unwrap().assumed_summary().is_none());
    // A part in a box has its bound.
    let text = "struct part { opaque a[100]; }; struct whole { part *one; int b[4]; };
        program P { version V { whole ECHO(whole) = 1; } = 1; } = 1;";
    let output = heap.generate_text("bounded.x", text).unwrap();
    assert!(output.assumed_summary().is_none() && !output.rust.contains("limit"), "{}", output.rust);
    assert!(output.rust.contains("pub one: Option<Box<Part>>,"), "{}", output.rust);
    // So has what an option bounds.
    let text = "program P { version V { string ECHO(int) = 1; } = 1; } = 1;";
    let rust = heap.bound("ECHO", 100).generate_text("bounded.x", text).unwrap().rust;
    assert!(rust.contains("fn echo(arg: i32) -> String [..100] = 1;") && !rust.contains("limit"), "{rust}");
}

#[test]
fn fixed_arrays_are_large_on_the_heap_too() {
    let file = "struct picture { opaque dots[1048576]; };";
    let shown = Options::new().data(Data::Heap).generate_text("large.x", file).unwrap().report.render_notes(false);
    assert!(shown.contains("a value of `picture` takes about 1 MB of memory"), "{shown}");
    assert!(shown.contains("fixed arrays") && !shown.contains("--data heap"), "{shown}");
    let file = file.replace("[1048576]", "<1048576>");
    let output = |data| Options::new().data(data).generate_text("large.x", file.as_str()).unwrap();
    assert_eq!(output(Data::Heap).report.render_notes(false), "");
    let shown = output(Data::Owned).report.render_notes(false);
    assert!(shown.contains("`--data heap`"), "{shown}");
}

#[test]
fn a_large_type_says_how_large() {
    let shown = notes(&Options::new(), DEEP);
    assert!(shown.contains("a value of `book` takes about 134 MB of memory"), "{shown}");
    assert!(shown.contains("deep_unbounded.x:6:8") && shown.contains("--elements"), "{shown}");
    // Only the one that holds all others.
    assert_eq!(shown.matches("of memory").count(), 1, "{shown}");
    assert_eq!(notes(&Options::new().unbounded_elements(2).unbounded_bytes(64), DEEP), "");
    let borrowed = notes(&Options::new().data(Data::Borrowed).unbounded_elements(4), DEEP);
    assert_eq!(borrowed, "");
}

#[test]
fn a_large_type_within_itself_says_how_large() {
    let file = "struct file { opaque data<1048576>; file *more; };\nstruct folder { file files<>; folder *up; };";
    let output = Options::new().generate_text("large.x", file).unwrap();
    let shown = output.report.render_notes(false);
    assert!(shown.contains("a value of `folder` takes about") && shown.contains("large.x:2:8"), "{shown}");
    let tree = "struct node { opaque data<1048576>; node *left; node *right; };";
    let output = Options::new().generate_text("tree.x", tree).unwrap();
    let shown = output.report.render_notes(false);
    assert!(shown.contains("a value of `node` takes about") && shown.contains("tree.x:1:8"), "{shown}");
}

#[test]
fn what_rust_cannot_hold_is_an_error_at_its_place() {
    let doubled = (1..60).map(|i| format!("struct s{i} {{ s{0} a; s{0} b; }};\n", i - 1)).collect::<String>();
    let text = format!("struct s0 {{ int a; }};\n{doubled}");
    let Err(Error::Wrong(report)) = Options::new().generate_text("doubled.x", text) else { panic!("accepted") };
    let shown = report.to_string();
    assert!(shown.contains("a value of `s59` takes more memory than any machine has"), "{shown}");
    assert!(shown.contains("doubled.x:60:8") && shown.contains("too large for Rust"), "{shown}");
}
