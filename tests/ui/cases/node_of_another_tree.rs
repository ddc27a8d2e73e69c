//? list them in `oncilla::xdr_nodes! { enum Any { A, B } }`, and declare each as `struct A in Any`
use oncilla::xdr::{Link, Nodes, TreeError};

oncilla::xdr_node! {
    pub struct Folder in Entry { pub next: Link<Folder> }
}
oncilla::xdr_nodes! {
    pub enum Entry { Folder }
}
oncilla::xdr_node! {
    pub struct File { pub next: Link<File> }
}

fn add(nodes: &mut Nodes<Entry, 4>) -> Result<Link<File>, TreeError> {
    nodes.add(File { next: Link::NONE }) //~ a tree whose nodes are `Entry` holds no `File`
}

fn main() {
    let _ = add;
}
