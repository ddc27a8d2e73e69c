//! Rust of interfaces whose names are as unfortunate as they may be compiles without a warning.

use std::collections::HashSet;
use std::fmt::Write as _;

use oncilla_rpcgen::{Data, Description, Options};

use crate::compiles;

/// Names that mean something in Rust, in what is generated or in the core's macros, or that are one in Rust.
const NAMES: &str = "_ __ ___ _1 _2 __1 _1_ _a a_ a__b a_b aB AB a1 a_1 A_1 A1 x1 X1 X_1 x2 self Self SELF super crate \
    type Type match async dyn gen raw r static new null client Client service Service option Option result Result \
    Some None Ok Err Vec vec String str Box box u8 u_8 i32 usize f64 core std alloc oncilla heapless serde xdr Array List \
    MaxSize max_size MAX_SIZE default_ Default clone Clone debug Debug PartialEq fmt number Number from_number display \
    PROGRAM VERSION CALL_MAX REPLY_MAX SLOT_MAX NAMES program_ version_ call Call state arg arg1 arg2 args value Value \
    UNBOUNDED_BYTES unbounded_bytes UNBOUNDED_ELEMENTS description Description DESCRIPTION DescriptionInfo \
    DescriptionPacking info read v v_sizes v_1 v1 sizes F_ARGUMENTS_MAX f f_ F UnsignedChar unsignedchar element Element \
    aElement Chain decode encode Decode Encode serialize deserializer Serialize visitor index len name table Table \
    error Error case_1 Case1 CASE_1 True False main test id take other";

/// The kind of definition that is a struct; those above it are structs and unions, too.
const STRUCT: usize = 3;

/// xorshift: the same interfaces every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

struct Writer {
    random: Random,
    text: String,
    /// Names of types, constants and members so far: they share one space.
    taken: HashSet<String>,
    types: Vec<String>,
    /// Of the structs and unions that follow.
    later: Vec<String>,
    constants: Vec<String>,
}

impl Writer {
    fn any_name(&mut self) -> String {
        let all: Vec<_> = NAMES.split_whitespace().collect();
        let name = self.random.of(&all).to_owned();
        // Two in one are others again, which may meet in Rust.
        match self.random.below(4) {
            0 => format!("{name}_{}", self.random.of(&all)),
            _ => name,
        }
    }

    fn new_name(&mut self) -> String {
        loop {
            let name = self.any_name();
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    fn names(&mut self, count: usize) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        while names.len() < count {
            let name = self.any_name();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn type_(&mut self) -> String {
        const BASIC: [&str; 8] = ["int", "unsigned", "hyper", "bool", "double", "unsigned char", "short", "char"];
        let known: Vec<_> = self.types.iter().map(String::as_str).collect();
        if known.is_empty() || self.random.below(3) == 0 { self.random.of(&BASIC) } else { self.random.of(&known) }
            .to_owned()
    }

    fn size(&mut self) -> String {
        let known: Vec<_> = self.constants.iter().map(String::as_str).collect();
        if known.is_empty() || self.random.below(2) == 0 { "3" } else { self.random.of(&known) }.to_owned()
    }

    /// A type for several of it, or none: within a struct or a union it may be that one, or one that follows.
    fn element(&mut self, within: bool) -> String {
        if within && !self.later.is_empty() && self.random.below(2) == 0 {
            return self.later[self.random.below(self.later.len())].clone();
        }
        self.type_()
    }

    fn declaration(&mut self, name: &str, depth: usize, within: bool) -> String {
        match self.random.below(if depth == 0 { 8 } else { 6 }) {
            0 => format!("string {name}<{}>", self.size()),
            1 => format!("opaque {name}<>"),
            2 => format!("opaque {name}[{}]", self.size()),
            3 => format!("{} {name}<{}>", self.element(within), self.size()),
            4 => format!("{} *{name}", self.element(within)),
            5 => format!("{} {name}", self.type_()),
            6 => format!("struct {} {name}", self.fields(depth + 1)),
            _ => format!("union {} {name}", self.arms(depth + 1)),
        }
    }

    fn fields(&mut self, depth: usize) -> String {
        let count = 1 + self.random.below(4);
        let names = self.names(count);
        let fields: String = names.iter().map(|name| format!("{}; ", self.declaration(name, depth, true))).collect();
        format!("{{ {fields}}}")
    }

    fn arms(&mut self, depth: usize) -> String {
        let names = self.names(3);
        let (a, b) = (self.declaration(&names[0], depth, true), self.declaration(&names[1], depth, true));
        let switch = self.random.of(&["int", "unsigned", "bool"]);
        let default = if switch == "bool" { "" } else { "default: void; " };
        format!("switch ({switch} {}) {{ case 1: {a}; case 0: {b}; {default}}}", names[2])
    }

    fn definition(&mut self, kind: usize, name: String) {
        let definition = match kind {
            0 => {
                self.constants.push(name.clone());
                format!("const {name} = {};", 1 + self.random.below(9))
            }
            1 => {
                let members: Vec<_> = (0..3).map(|_| self.new_name()).collect();
                self.types.push(name.clone());
                format!("enum {name} {{ {} = 4, {}, {} }};", members[0], members[1], members[2])
            }
            2 => {
                let declaration = self.declaration(&name, 1, false);
                self.types.push(name);
                format!("typedef {declaration};")
            }
            STRUCT | 4 => {
                let fields = self.fields(0);
                self.defined(&name);
                format!("struct {name} {fields};")
            }
            _ => {
                let arms = self.arms(0);
                self.defined(&name);
                format!("union {name} {arms};")
            }
        };
        let _ = writeln!(self.text, "{definition}");
    }

    fn defined(&mut self, name: &str) {
        self.later.retain(|other| other != name);
        self.types.push(name.to_owned());
    }

    fn definitions(&mut self, count: usize) {
        let all: Vec<_> = (0..count).map(|_| (self.random.below(6), self.new_name())).collect();
        let bodies = all.iter().filter(|(kind, _)| *kind >= STRUCT);
        self.later = bodies.map(|(_, name)| name.clone()).collect();
        all.into_iter().for_each(|(kind, name)| self.definition(kind, name));
    }

    fn program(&mut self, number: usize) {
        let names = self.names(3);
        let mut versions = String::new();
        let count = 1 + self.random.below(2);
        for (version, name) in names.iter().take(count).enumerate() {
            let mut procedures = String::new();
            let count = 1 + self.random.below(4);
            for (number, name) in self.names(count).into_iter().enumerate() {
                let count = self.random.below(4);
                let arguments = self.names(count);
                let arguments: Vec<_> = arguments.iter().map(|name| format!("{} {name}", self.type_())).collect();
                let arguments = if arguments.is_empty() { "void".into() } else { arguments.join(", ") };
                let _ = write!(procedures, "{} {name}({arguments}) = {}; ", self.type_(), number + 1);
            }
            let _ = write!(versions, "version {name} {{ {procedures}}} = {}; ", version + 1);
        }
        let _ = writeln!(self.text, "program {} {{ {versions}}} = {number};", names[2]);
    }
}

fn interface(seed: u64) -> String {
    let (taken, types, later, constants) = Default::default();
    let mut writer = Writer { random: Random(seed | 1), text: String::new(), taken, types, later, constants };
    // The first numbers of xorshift are alike for seeds that are.
    (0..16).for_each(|_| _ = writer.random.below(2));
    let count = 2 + writer.random.below(7);
    writer.definitions(count);
    let programs = 1 + writer.random.below(2);
    (0..programs).for_each(|number| writer.program(0x2000_0000 + number));
    writer.text
}

#[test]
fn rust_of_unfortunate_names_has_no_warning() {
    let mut files = Vec::new();
    let seeds = 1..=std::env::var("ONCILLA_NAMES").map_or(40, |seeds| seeds.parse().unwrap());
    for seed in seeds {
        let text = interface(seed);
        for (end, data) in [("owned", Data::Owned), ("borrowed", Data::Borrowed)] {
            let description = if seed % 4 == 0 { Description::Bare } else { Description::None };
            let options = Options::new().data(data).describe(description).unbounded_bytes(8);
            let output = options.generate_text("names.x", &text).unwrap_or_else(|error| panic!("{text}\n{error}"));
            files.push((format!("names_{seed}_{end}"), output.rust));
        }
    }
    compiles::check_on_this_machine("generated-names", &files);
}
