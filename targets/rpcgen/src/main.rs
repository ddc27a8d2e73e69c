//! tmp
fn main() {
    for path in std::env::args().skip(1) {
        let parsed = oncilla_rpcgen::parse_file(&path, &Default::default()).unwrap();
        let text = parsed.tree.to_string();
        let again = oncilla_rpcgen::parse_text("again.x", text.clone(), &Default::default());
        eprintln!(
            "{path}: {} errors, {} notes, items {} same {}",
            parsed.report.errors().count(),
            parsed.report.notes().count(),
            parsed.tree.items.len(),
            again.tree == parsed.tree
        );
        eprintln!("{}", parsed.report);
        eprintln!("{}", again.report);
    }
}
