//! Finds procedures by the names that people type.

use crate::error::NameError;
use crate::procedure::Data;
use crate::similar::similar;

/// The names of a procedure.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub program: String,
    pub version: String,
    pub procedure: String,
    /// The short name: `thermostat.read`.
    pub short: String,
    /// The procedure alone, without what stands before it in the file.
    alone: String,
}

impl Names {
    /// `shared` is the length of the prefix of all procedures of the version.
    pub fn new(program: &str, version: &str, procedure: &str, shared: usize) -> Self {
        let (of_program, of_version, whole) = (small(program), small(version), small(procedure));
        let prefixes = [&of_version, &of_program].map(|prefix| whole.strip_prefix(&format!("{prefix}_")));
        // A shared prefix is at a `_`, which has the same place in small letters.
        let alone = prefixes.into_iter().flatten().next().or(whole.get(shared..)).filter(|rest| !rest.is_empty());
        let alone = alone.unwrap_or(&whole).to_owned();
        Self {
            short: format!("{of_program}.{alone}"),
            program: program.to_owned(),
            version: version.to_owned(),
            procedure: procedure.to_owned(),
            alone,
        }
    }

    fn is(&self, space: Option<&str>, name: &str) -> bool {
        let of = |space: &str| space == small(&self.program) || space == small(&self.version);
        (name == self.alone || name == small(&self.procedure)) && space.is_none_or(of)
    }
}

/// Returns the length of the shared prefix up to a `_`.
///
/// It is 0 for a single name.
pub(crate) fn shared_prefix<'n>(names: impl Iterator<Item = &'n str>) -> usize {
    let mut names = names.peekable();
    let Some(first) = names.next() else { return 0 };
    if names.peek().is_none() {
        return 0;
    }
    let same = |name: &str| first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let shared = names.map(same).min().unwrap_or(0);
    first
        .as_bytes()
        .get(..shared)
        .and_then(|shared| shared.iter().rposition(|&byte| byte == b'_'))
        .map_or(0, |at| at + 1)
}

/// Returns the procedure of a name.
pub(crate) fn find<'d>(procedures: &'d [Data], name: &str) -> Result<&'d Data, NameError> {
    let asked = small(name);
    let (space, procedure) = asked.rsplit_once('.').map_or((None, asked.as_str()), |(space, rest)| (Some(space), rest));
    let found: Vec<_> = procedures.iter().filter(|data| data.names.is(space, procedure)).collect();
    let Some(newest) = found.iter().max_by_key(|data| data.id.version) else {
        let short = procedures.iter().map(|data| data.names.short.as_str());
        let similar = similar(&asked, short.clone()).or_else(|| {
            // Only the part after the program may be known.
            let alone = similar(procedure, procedures.iter().map(|data| data.names.alone.as_str()))?;
            short.clone().find(|short| short.ends_with(&format!(".{alone}"))).map(str::to_owned)
        });
        return Err(NameError::Unknown { name: name.to_owned(), similar });
    };
    // Several versions of one program have the same procedure.
    if found.iter().all(|data| (data.id.program, &data.names.alone) == (newest.id.program, &newest.names.alone)) {
        return Ok(newest);
    }
    let mut choices: Vec<_> = found.iter().map(|data| format!("`{}`", data.names.short)).collect();
    choices.dedup();
    choices.truncate(8);
    Err(NameError::Ambiguous { name: name.to_owned(), choices })
}

/// Returns the form of a name for comparison. A namespace is separated like a program.
fn small(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_have_no_prefix() {
        let short = |program, version, procedure, shared| Names::new(program, version, procedure, shared).short;
        assert_eq!(short("SENSOR", "SENSOR_1", "SENSOR_READ", 7), "sensor.read");
        assert_eq!(short("NFS_PROGRAM", "NFS_VERSION", "NFSPROC_GETATTR", 8), "nfs_program.getattr");
        assert_eq!(short("P", "V", "P_", 0), "p.p_");
    }

    #[test]
    fn a_prefix_is_shared_by_all_and_ends_at_a_line() {
        assert_eq!(shared_prefix(["NFSPROC_NULL", "NFSPROC_NUMBER"].into_iter()), 8);
        assert_eq!(shared_prefix(["READ", "REMOVE"].into_iter()), 0);
        assert_eq!(shared_prefix(["A_B"].into_iter()), 0);
    }
}
