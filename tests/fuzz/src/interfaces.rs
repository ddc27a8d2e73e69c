//! The text of an interface, as somebody else may have written it, or a device may have sent it.

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{fs, io, thread};

use oncilla_rpcgen::{Data, Options, Preprocessor, check, generate, harmless, parse_received, parse_text};

/// An input of some kilobytes takes a millisecond or two; a fuzzer's instrumentation makes it some tens.
const TIME_MAX: Duration = Duration::from_secs(5);
/// A fifth of what a thread has by default. What a fuzzer adds makes each call take more.
const STACK_MAX: usize = if cfg!(fuzzing) { 2 << 20 } else { 400 << 10 };

/// Compiles any text in limited time, on a limited stack; what is accepted parses to the same tree when it is written
/// down.
///
/// # Panics
/// When it does not. A stack that is too small ends the process.
pub fn interface(data: &[u8]) {
    let (data, (done, end)) = (data.to_vec(), mpsc::channel());
    let compile = move || {
        compile(&data);
        let _ = done.send(());
    };
    let compiling = thread::Builder::new().stack_size(STACK_MAX).spawn(compile).expect("there are threads");
    match end.recv_timeout(TIME_MAX) {
        Ok(()) => {}
        Err(RecvTimeoutError::Timeout) => panic!("it takes more than {} s", TIME_MAX.as_secs()),
        Err(RecvTimeoutError::Disconnected) => resume_unwind(compiling.join().expect_err("it has panicked")),
    }
}

fn compile(data: &[u8]) {
    let preprocessor = Preprocessor::default().read_by(|_| Err(io::ErrorKind::NotFound.into()));
    let text = String::from_utf8_lossy(data);
    let received = parse_received("fuzz", &text);
    assert_eq!(harmless(&received.tree.to_string()), received.tree.to_string());
    let mut parsed = parse_text("fuzz.x", text, &preprocessor);
    // Every message can be shown, wherever its place is.
    let shown =
        parsed.report.diagnostics.iter().take(4).map(|diagnostic| diagnostic.render(&parsed.report.sources, true));
    shown.for_each(|text| assert!(!text.is_empty()));
    if parsed.report.errors().next().is_some() {
        return;
    }
    let again = parse_text("again.x", parsed.tree.to_string(), &preprocessor);
    assert!(again.report.errors().next().is_none() && again.tree == parsed.tree, "{}", parsed.tree);
    let interface = check(&parsed.tree, [], &mut parsed.report.diagnostics);
    if parsed.report.diagnostics.iter().all(|diagnostic| diagnostic.severity == oncilla_rpcgen::Severity::Note) {
        let rust = |data| generate(&interface, "fuzz.x", &Options::new().data(data));
        assert!(!rust(Data::Owned).is_empty() && !rust(Data::Borrowed).is_empty());
    }
}

/// The files of the compiler's tests, right and wrong.
pub fn seeds() -> Vec<Vec<u8>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../targets/rpcgen/tests");
    let files = |folder: &str| fs::read_dir(tests.join(folder)).expect("the folder is in the repository");
    let files = ["accepted", "hostile", "refused", "x"]
        .into_iter()
        .flat_map(files)
        .map(|entry| entry.expect("it is readable").path());
    let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files.iter().map(|path| fs::read(path).expect("it is readable")).collect()
}
