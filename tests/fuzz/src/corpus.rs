//! Inputs that reach what the vectors do not: found by cargo fuzz, which follows the coverage, and minimised.
//!
//! Those of a target are one file, `tests/fuzz/corpora/NAME.xdr`, in XDR: `opaque inputs<><>`. `unpack` makes files
//! of them where cargo fuzz looks, and `pack` takes those back.

use std::path::{Path, PathBuf};
use std::{fs, io};

use oncilla::xdr;

use crate::Target;

oncilla::xdr_struct! {
    /// The file of a target.
    struct Corpus {
        inputs: Vec<Vec<u8>> [..] [..],
    }
}

/// Returns the inputs of a target, which has none when it is new.
///
/// # Panics
/// When the file is not a corpus.
pub fn inputs(target: &Target) -> Vec<Vec<u8>> {
    match read(target) {
        Ok(inputs) => inputs,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => panic!("{}: {error}", file(target).display()),
    }
}

fn read(target: &Target) -> io::Result<Vec<Vec<u8>>> {
    let bytes = fs::read(file(target))?;
    xdr::decode::<Corpus>(&bytes).map(|corpus| corpus.inputs).map_err(io::Error::other)
}

fn file(target: &Target) -> PathBuf {
    folder("corpora").join(target.name).with_extension("xdr")
}

/// Writes the inputs and the vectors of a target to files, where cargo fuzz begins. What it has found there stays.
pub fn unpack(target: &Target) -> io::Result<()> {
    let folder = folder("corpus").join(target.name);
    fs::create_dir_all(&folder)?;
    for (number, input) in crate::run::seeds(target).into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), input)?;
    }
    println!("{}", folder.display());
    Ok(())
}

/// Makes what cargo fuzz has left in its folder the corpus of a target.
pub fn pack(target: &Target) -> io::Result<()> {
    let files = fs::read_dir(folder("corpus").join(target.name))?;
    let mut inputs = files.map(|file| fs::read(file?.path())).collect::<io::Result<Vec<_>>>()?;
    // The same inputs are the same file, whatever the order of the folder.
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    inputs.dedup();
    let count = inputs.len();
    if count == 0 {
        return Err(io::Error::other(format!("tests/fuzz/corpus/{} has no inputs; its corpus stays", target.name)));
    }
    let mut bytes = vec![0; 4 + inputs.iter().map(|input| 8 + input.len()).sum::<usize>()];
    let used = xdr::encode(&Corpus { inputs }, &mut bytes).map_err(io::Error::other)?;
    fs::create_dir_all(folder("corpora"))?;
    fs::write(file(target), &bytes[..used])?;
    println!("{}: {count} inputs, {used} bytes", target.name);
    Ok(())
}

/// A folder beside this crate's `src`.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;

    #[test]
    fn every_target_has_a_corpus_and_passes_on_it() {
        for target in TARGETS {
            let inputs = read(target).unwrap_or_else(|error| panic!("{}: {error}", file(target).display()));
            assert!(!inputs.is_empty(), "{} has no inputs", target.name);
            inputs.iter().for_each(|input| (target.body)(input));
        }
    }
}
