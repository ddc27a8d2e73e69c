//! Programs by name: those of the interface, and the well-known ones of the file `/etc/rpc`.

use std::path::Path;

use oncilla_dynamic::Interface;

use crate::failure::{Done, Failure};
use crate::files;

/// The largest file of names of programs that is read, in bytes.
const NAMES_MAX: u64 = 1 << 20;

/// The program by which a device describes itself.
pub const DESCRIPTION: u32 = 0x3fff_de5c;

/// The first program number that RFC 5531 assigns to users.
const USERS: u32 = 0x2000_0000;

/// A program with the names that it has.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its number.
    pub number: u32,
    /// Its names, the usual one first.
    pub names: Vec<String>,
    /// The known versions: number, name and number of procedures of each.
    pub versions: Vec<(u32, String, usize)>,
}

/// The programs whose names are known.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    of_interface: Vec<Program>,
    well_known: Vec<Program>,
}

impl Programs {
    /// Returns the programs of an interface and of this machine's `/etc/rpc`, if there is one.
    pub fn new(interface: Option<&Interface>) -> Self {
        let file = files::text("read", Path::new("/etc/rpc"), NAMES_MAX).unwrap_or_default();
        let mut well_known: Vec<_> = file.lines().filter_map(of_line).collect();
        let own = |number, name: &str| Program { number, names: vec![name.to_owned()], versions: Vec::new() };
        well_known.push(own(oncilla::rpcbind::PROGRAM, "rpcbind"));
        well_known.push(own(DESCRIPTION, "description"));
        Self { of_interface: interface.map(of_interface).unwrap_or_default(), well_known }
    }

    /// Returns the programs of the interface.
    pub fn of_interface(&self) -> &[Program] {
        &self.of_interface
    }

    /// Returns the numbers of all programs that are known, each once.
    pub fn known(&self) -> Vec<u32> {
        let mut numbers: Vec<_> = self.of_interface.iter().chain(&self.well_known).map(|one| one.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Returns the name of a program.
    pub fn name(&self, number: u32) -> Option<&str> {
        let found = self.of_interface.iter().chain(&self.well_known).find(|program| program.number == number);
        found.and_then(|program| program.names.first()).map(String::as_str)
    }

    /// Returns the program and version that a text names: `0x20000042`, `100003.3`, `sensor`, `nfs.3`, `SENSOR_1`.
    ///
    /// Without a version it is the newest of the interface, or `None`.
    pub fn parse(&self, text: &str) -> Done<(u32, Option<u32>)> {
        let (name, version) = match text.rsplit_once('.') {
            Some((name, version)) => {
                let wrong = || Failure::usage(format_args!("{version:?} is not a version; write it as PROGRAM.1"));
                (name, Some(number(version).ok_or_else(wrong)?))
            }
            None => (text, None),
        };
        if let Some(program) = number(name) {
            let newest = self.of_interface.iter().find(|one| one.number == program).and_then(newest);
            return Ok((program, version.or(newest)));
        }
        let small = small(name);
        for program in self.of_interface.iter().chain(&self.well_known) {
            if program.names.iter().any(|name| is(name, &small)) {
                return Ok((program.number, version.or_else(|| newest(program))));
            }
            if let Some((of_version, ..)) = program.versions.iter().find(|(_, name, _)| is(name, &small)) {
                return Ok((program.number, Some(*of_version)));
            }
        }
        let names = self.of_interface.iter().chain(&self.well_known).flat_map(|program| &program.names);
        let failure = Failure::usage(format_args!("no program has the name {name:?}"));
        Err(match names.min_by_key(|name| strsim::osa_distance(&small, &self::small(name))) {
            Some(name) if strsim::osa_distance(&small, &self::small(name)) <= 2 => {
                failure.help(format_args!("the most similar name is `{}`", self::small(name)))
            }
            _ => {
                failure.help("write its number, such as 0x20000042.1, or give its interface with `--interface FILE.x`")
            }
        })
    }
}

/// Returns a program number as text: hexadecimal in the range of users, else decimal.
pub fn shown(program: u32) -> String {
    if program >= USERS { format!("{program:#010x}") } else { program.to_string() }
}

/// Parses a number, in hexadecimal after `0x`.
pub fn number(text: &str) -> Option<u32> {
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
}

fn newest(program: &Program) -> Option<u32> {
    program.versions.iter().map(|(number, ..)| *number).max()
}

fn small(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

/// Returns whether a name matches, with or without "program" at its end.
fn is(name: &str, asked: &str) -> bool {
    let name = small(name);
    ["", "_program", "_prog"].into_iter().any(|end| name.strip_suffix(end) == Some(asked))
}

/// Reads a line of `/etc/rpc`: a name, a number, and other names.
fn of_line(line: &str) -> Option<Program> {
    let line = line.split('#').next()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (name, number) = (words.next()?, words.next()?.parse().ok()?);
    Some(Program { number, names: std::iter::once(name).chain(words).collect(), versions: Vec::new() })
}

fn of_interface(interface: &Interface) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    for procedure in interface.procedures() {
        let (id, [program, version, _]) = (procedure.id(), procedure.names());
        let index = programs.iter().position(|known| known.number == id.program).unwrap_or_else(|| {
            programs.push(Program { number: id.program, names: vec![program.to_owned()], versions: Vec::new() });
            programs.len() - 1
        });
        let Some(known) = programs.get_mut(index) else { continue };
        match known.versions.iter_mut().find(|(number, ..)| *number == id.version) {
            Some((.., procedures)) => *procedures += 1,
            None => known.versions.push((id.version, version.to_owned(), 1)),
        }
    }
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs() -> Programs {
        let text = "program OVEN_PROG { version OVEN_1 { int GET(void) = 1; } = 1; \
                    version OVEN_2 { int GET(void) = 1; void SET(int) = 2; } = 2; } = 0x20000042;";
        Programs::new(Some(&Interface::parse(text).unwrap()))
    }

    #[test]
    fn programs_are_named_in_several_ways() {
        let parse = |text: &str| programs().parse(text).unwrap();
        for text in ["oven", "OVEN_PROG", "oven-prog", "oven.2", "OVEN_2", "0x20000042", "536870978.2"] {
            assert_eq!(parse(text), (0x2000_0042, Some(2)), "{text}");
        }
        assert_eq!(parse("oven.1"), (0x2000_0042, Some(1)));
        assert_eq!(parse("rpcbind.4"), (100_000, Some(4)));
        assert_eq!(parse("100003"), (100_003, None));
        assert_eq!(programs().of_interface()[0].versions[1], (2, "OVEN_2".to_owned(), 2));
    }

    #[test]
    fn unknown_names_have_help() {
        let error = |text: &str| programs().parse(text).unwrap_err().to_string();
        assert!(error("ovn_prog").contains("`oven_prog`"), "{}", error("ovn_prog"));
        assert!(error("quite-another").contains("0x20000042.1"));
        assert!(error("oven.new").contains("\"new\" is not a version"));
    }

    #[test]
    fn lines_of_the_file_are_read() {
        let program = of_line("nfs\t\t100003\tnfsprog # files").unwrap();
        assert_eq!(
            (program.number, program.names.as_slice()),
            (100_003, &["nfs".to_owned(), "nfsprog".to_owned()][..])
        );
        assert!(of_line("# nothing").is_none() && of_line("").is_none() && of_line("nfs many").is_none());
        assert_eq!((shown(100_003), shown(0x2000_0042)), ("100003".to_owned(), "0x20000042".to_owned()));
    }
}
