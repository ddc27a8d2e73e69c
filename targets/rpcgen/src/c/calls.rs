//! Prints what header, client and server have of each procedure.

use super::codec::{Access, Codec, Way};
use super::docs;
use super::header::{Header, named};
use super::model::{Field, Kind, Procedure, Version};
use crate::tree::Basic;

impl Version {
    /// Returns the macro for the number of a procedure, or one that begins with it.
    fn macro_(&self, procedure: &Procedure) -> String {
        format!("{}_{}", self.capitals, procedure.name.to_ascii_uppercase())
    }
}

impl Procedure {
    /// Returns the parameters for the arguments and the result, each after a comma.
    fn parameters(&self) -> String {
        let arguments = self.arguments.iter().map(|argument| format!(", {}", parameter(argument)));
        let result = self.result.iter().map(|result| format!(", {} *result", named(result)));
        arguments.chain(result).collect()
    }
}

fn parameter(Field { name, kind, .. }: &Field) -> String {
    match kind {
        Kind::Type(type_) => format!("const {type_} *{name}"),
        Kind::Text(_) => format!("const char *{name}"),
        kind => format!("{} {name}", named(kind)),
    }
}

/// Returns a function's head, in lines of at most 120 characters.
fn wrapped(head: &str) -> String {
    let indent = head.find('(').map_or(0, |at| at + 1);
    let (mut lines, mut line) = (Vec::new(), String::new());
    for part in head.split_inclusive(", ") {
        if line.len() + part.trim_end().len() > 118 && !line.trim().is_empty() {
            lines.push(line.trim_end().to_owned());
            line = " ".repeat(indent.min(60));
        }
        line += part;
    }
    lines.push(line);
    lines.join("\n")
}

fn client_head(version: &Version, procedure: &Procedure) -> String {
    let head =
        format!("oncilla_status {}_{}(oncilla_client *client{})", version.name, procedure.name, procedure.parameters());
    wrapped(&head)
}

fn server_head(version: &Version, procedure: &Procedure) -> String {
    let head = format!(
        "oncilla_status {}_serve_{}(void *context, const oncilla_request *request{})",
        version.name,
        procedure.name,
        procedure.parameters()
    );
    wrapped(&head)
}

impl Header<'_> {
    /// Prints the numbers, the sizes and the functions of all versions.
    pub fn versions(&mut self) {
        let model = self.model;
        for version in &model.versions {
            self.version(version);
        }
    }

    fn version(&mut self, version: &Version) {
        let (Version { name, capitals, program, number, .. }, stem) = (version, self.stem);
        self.text += &format!("\n/*\n * {}.\n", version.shown);
        for line in &version.lines {
            self.text += format!(" * {line}").trim_end();
            self.text.push('\n');
        }
        self.text += &format!(" */\n#define {capitals}_PROGRAM {program}\n#define {capitals}_VERSION {number}\n");
        for procedure in &version.procedures {
            let of = version.macro_(procedure);
            self.text += &format!("#define {of} {}\n", procedure.number);
            self.text += &format!("#define {of}_ARGUMENTS_MAX {}u\n", procedure.arguments_size);
            self.text += &format!("#define {of}_RESULTS_MAX {}u\n", procedure.results_size);
        }
        let largest = |size: fn(&Procedure) -> u64| version.procedures.iter().map(size).max().unwrap_or_default();
        let (call, reply) = (largest(|one| one.arguments_size), largest(|one| one.results_size));
        self.text += &format!(
            "\n/** Bytes of the largest call without credentials, and of the largest reply: for buffers. */\n#define \
             {capitals}_CALL_MAX ONCILLA_CALL_MAX({call}u)\n#define {capitals}_REPLY_MAX ONCILLA_REPLY_MAX({reply}u)\n"
        );
        self.text += &format!(
            "\n/*\n * Client, in {stem}_client.c. Each function encodes its arguments, calls, and decodes the results. It returns \
             the\n * status of `oncilla_client_call`, or of encoding or decoding. With ONCILLA_OK, `*result` has the results.\n \
             */\n"
        );
        for procedure in &version.procedures {
            self.text += "\n";
            self.text += &self.documentation(procedure);
            self.text += &format!("{};\n", client_head(version, procedure));
        }
        let count = version.procedures.len();
        self.text += &format!(
            "\n/*\n * Server, in {stem}_server.c. Define the functions below. Each returns ONCILLA_OK after it has set \
             `*result`,\n * which is zero at first, or ONCILLA_SYSTEM_ERR if it fails.\n */\n\n/** A table with this program \
             alone. */\nextern const oncilla_table {name}_table;\n"
        );
        let procedures = if count == 0 { "NULL".to_owned() } else { format!("{name}_procedures") };
        if count > 0 {
            self.text += &format!(
                "\n/** The procedures of the program. */\nextern const oncilla_procedure {name}_procedures[{count}];\n"
            );
        }
        self.text += &format!(
            "\n/** The program among others: `static const oncilla_program programs[] = {{{capitals}_ENTRY, …}};`. */\n#define \
             {capitals}_ENTRY {{{capitals}_PROGRAM, {capitals}_VERSION, {procedures}, {count}}}\n"
        );
        for procedure in &version.procedures {
            self.text += "\n";
            self.text += &self.documentation(procedure);
            self.text += &format!("{};\n", server_head(version, procedure));
        }
    }

    fn documentation(&self, procedure: &Procedure) -> String {
        let mut lines = procedure.lines.clone();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(format!("`{}`", procedure.declaration.trim_end_matches(';')));
        docs::comment("", &lines)
    }
}

impl Codec {
    /// Prints the functions of a client.
    pub fn client(&mut self, version: &Version) {
        (self.reader, self.writer) = ("&results", "&arguments");
        for procedure in &version.procedures {
            let (of, capitals) = (version.macro_(procedure), &version.capitals);
            self.text += &format!("\n{}\n{{\n", client_head(version, procedure));
            let memory = if procedure.arguments.is_empty() {
                None
            } else {
                Some(match procedure.arguments_size {
                    // C has no arrays without elements.
                    0 => "1".to_owned(),
                    _ => format!("{of}_ARGUMENTS_MAX"),
                })
            };
            if let Some(size) = &memory {
                self.text += &format!(
                    "    uint8_t memory[{size}];\n    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);\n"
                );
            }
            if procedure.result.is_some() {
                self.text += "    oncilla_reader results;\n";
            }
            self.text += "    oncilla_status status;\n\n";
            for argument in &procedure.arguments {
                let access = match &argument.kind {
                    Kind::Type(_) => Access::through(&argument.name),
                    _ => Access::to(&argument.name),
                };
                self.value(Way::Encode, &argument.kind, &access, 1);
            }
            let arguments = if memory.is_some() { "&arguments" } else { "NULL" };
            let numbers = format!("{capitals}_PROGRAM, {capitals}_VERSION, {of}");
            if procedure.is_oneway {
                self.text += &format!("    status = oncilla_client_cast(client, {numbers}, {arguments});\n");
            } else {
                let results = if procedure.result.is_some() { "&results" } else { "NULL" };
                self.text += &format!("    status = oncilla_client_call(client, {numbers}, {arguments}, {results});\n");
            }
            if let Some(result) = &procedure.result {
                self.text += "    if (status == ONCILLA_OK) {\n";
                self.value(Way::Decode, result, &Access::through("result"), 2);
                self.text += "        status = oncilla_get_end(&results);\n    }\n";
            }
            self.text += "    return status;\n}\n";
        }
        (self.reader, self.writer) = ("reader", "writer");
    }

    /// Prints the table of a server, and the functions in it.
    pub fn server(&mut self, version: &Version) {
        (self.reader, self.writer) = ("arguments", "results");
        for procedure in &version.procedures {
            let name = &procedure.name;
            self.text += &format!(
                "\nstatic oncilla_status run_{}_{name}(void *context, const oncilla_request *request, oncilla_reader \
                 *arguments, oncilla_writer *results)\n{{\n",
                version.name
            );
            for Field { name, kind, .. } in &procedure.arguments {
                let local = match kind {
                    Kind::Text(bound) => format!("char {name}[{} + 1]", bound.shown),
                    kind => format!("{} {name}", named(kind)),
                };
                self.text += &format!("    {local};\n");
            }
            if let Some(result) = &procedure.result {
                self.text += &format!("    {} result;\n", named(result));
            }
            self.text += "    oncilla_status status;\n\n";
            for argument in &procedure.arguments {
                self.value(Way::Decode, &argument.kind, &Access::to(&argument.name), 1);
            }
            self.text += "    status = oncilla_get_end(arguments);\n    if (status != ONCILLA_OK) {\n        return \
                          ONCILLA_GARBAGE_ARGS;\n    }\n";
            let mut passed: Vec<_> = procedure
                .arguments
                .iter()
                .map(
                    |Field { name, kind, .. }| {
                        if matches!(kind, Kind::Type(_)) { format!(", &{name}") } else { format!(", {name}") }
                    },
                )
                .collect();
            match &procedure.result {
                Some(Kind::Basic(Basic::Bool)) => self.text += "    result = false;\n",
                Some(Kind::Basic(_)) => self.text += "    result = 0;\n",
                Some(_) => {
                    self.helpers.clear();
                    self.text += "    clear(&result, sizeof result);\n";
                }
                None => {}
            }
            passed.extend(procedure.result.is_some().then(|| ", &result".to_owned()));
            let call = format!("status = {}_serve_{name}(context, request{});", version.name, passed.concat());
            self.text += &format!("    {call}\n");
            if procedure.is_oneway {
                self.text += "    (void)results;\n    return status == ONCILLA_OK ? ONCILLA_NO_REPLY : status;\n}\n";
                continue;
            }
            match &procedure.result {
                Some(result) => {
                    self.text += "    if (status == ONCILLA_OK) {\n";
                    self.value(Way::Encode, result, &Access::to("result"), 2);
                    self.text += "        status = results->status;\n    }\n    return status;\n}\n";
                }
                None => {
                    self.text += "    (void)results;\n    return status;\n}\n";
                }
            }
        }
        (self.reader, self.writer) = ("reader", "writer");
        self.table(version);
    }

    fn table(&mut self, version: &Version) {
        let (name, capitals) = (&version.name, &version.capitals);
        if !version.procedures.is_empty() {
            self.text += &format!("\nconst oncilla_procedure {name}_procedures[] = {{\n");
            for procedure in &version.procedures {
                let flags = if procedure.is_idempotent { "ONCILLA_IDEMPOTENT" } else { "0" };
                let of = version.macro_(procedure);
                self.text += &format!("    {{{of}, {flags}, {of}_RESULTS_MAX, run_{name}_{}}},\n", procedure.name);
            }
            self.text += "};\n";
        }
        self.text += &format!(
            "\nstatic const oncilla_program programs_of_{name}[] = {{{capitals}_ENTRY}};\nconst oncilla_table {name}_table = \
             {{programs_of_{name}, 1, NULL}};\n"
        );
    }
}
