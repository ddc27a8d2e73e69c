//! Checks services, and finds their numbers.

use std::collections::BTreeSet;

use oncilla_rpcgen::shared::{Used, escape, harmless, snake};
use oncilla_rpcgen::{Diagnostic, Place};
use protox::prost_reflect::prost_types::method_options::IdempotencyLevel;
use protox::prost_reflect::{FileDescriptor, MessageDescriptor, MethodDescriptor, ServiceDescriptor};

use crate::model::{Method, Service, Style};
use crate::options::Messages;
use crate::places::{CLIENT_STREAMING, NAME, SERVER_STREAMING, location};
use crate::read::Files;
use crate::{Error, Options};

/// Names of the module of a service that its procedures cannot have.
const TAKEN: [&str; 2] = ["new", "null"];

/// Returns the services of the compiled file. Adds what is wrong to the report.
pub fn services(files: &mut Files, options: &Options) -> Vec<Service> {
    let Some(file) = files.main() else { return Vec::new() };
    let mut used = taken(files, file.package_name());
    let mut checker = Checker { files, options, errors: Vec::new(), programs: Vec::new() };
    let services = file.services().filter_map(|service| checker.service(&service, &mut used)).collect();
    let errors = checker.errors;
    files.report.diagnostics.extend(errors);
    services
}

/// Returns the names that modules of services in a package cannot have: those of packages inside of it, and of messages
/// that declare others, which are modules in prost.
fn taken(files: &Files, package: &str) -> Used {
    let mut used = Used::default();
    let mut modules = BTreeSet::new();
    for file in files.generated() {
        let inside = match package {
            "" => Some(file.package_name()),
            _ => file.package_name().strip_prefix(package).and_then(|rest| rest.strip_prefix('.')),
        };
        modules.extend(inside.and_then(|inside| inside.split('.').next()).filter(|part| !part.is_empty()).map(snake));
        if file.package_name() == package {
            let declares = |message: &MessageDescriptor| {
                message.child_messages().len() + message.child_enums().len() + message.oneofs().len() > 0
            };
            modules.extend(file.messages().filter(declares).map(|message| snake(message.name())));
        }
    }
    modules.into_iter().for_each(|module| drop(used.take(module)));
    used
}

struct Checker<'a> {
    files: &'a Files,
    options: &'a Options,
    errors: Vec<Diagnostic>,
    /// The number, the version and the place of each program.
    programs: Vec<(u32, u32, Place)>,
}

impl Checker<'_> {
    fn service(&mut self, service: &ServiceDescriptor, used: &mut Used) -> Option<Service> {
        let (file, set) = (service.parent_file(), service.options());
        let place = self.files.place(&file, service.path(), &[NAME]);
        let full_name = service.full_name().to_owned();
        let stated = |name: &str| self.files.number(&set, name);
        let program = self.options.programs.get(&full_name).copied().or_else(|| stated("program"));
        let version = self.options.versions.get(&full_name).copied().or_else(|| stated("version")).unwrap_or(1);
        let limit = stated("limit");
        let limit = limit.or_else(|| (self.options.messages == Messages::Prost).then_some(self.options.limit));
        match program {
            None => self.errors.push(
                Diagnostic::error(place, format!("the service {} has no program number", service.name())).help(
                    "write `option (oncilla.program) = 0x20000044;` in the service and `import \"oncilla.proto\";` above, or \
                     `.program(…)` in the build script; from 0x20000000 to 0x3fffffff, numbers are free for local use",
                ),
            ),
            Some(program) => self.program(program, version, place),
        }
        let methods = self.methods(service);
        let module = used.take(snake(service.name()));
        let docs = docs(&file, service.path());
        Some(Service { full_name, module, docs, program: program?, version, limit, methods })
    }

    fn program(&mut self, program: u32, version: u32, place: Place) {
        match self.programs.iter().find(|known| (known.0, known.1) == (program, version)) {
            Some((.., other)) => self.errors.push(
                Diagnostic::error(place, format!("two services are program {program:#x}, version {version}"))
                    .other(*other, "the first one"),
            ),
            None => self.programs.push((program, version, place)),
        }
    }

    fn methods(&mut self, service: &ServiceDescriptor) -> Vec<Method> {
        let mut used = Used::of(&TAKEN);
        let mut numbers: Vec<(u32, Place)> = Vec::new();
        let mut methods = Vec::new();
        for (index, method) in service.methods().enumerate() {
            let place = self.files.place(&service.parent_file(), method.path(), &[NAME]);
            self.unary(&method);
            let number = self.options.procedures.get(method.full_name()).copied();
            let number = number.or_else(|| self.files.number(&method.options(), "procedure"));
            let number = number.unwrap_or_else(|| u32::try_from(index + 1).unwrap_or(u32::MAX));
            if number == 0 {
                self.errors.push(
                    Diagnostic::error(place, format!("{} has number 0, which is NULL", method.name()))
                        .help("every program answers NULL by itself; number procedures from 1"),
                );
            }
            match numbers.iter().find(|(known, _)| *known == number) {
                Some((_, other)) => self.errors.push(
                    Diagnostic::error(place, format!("two procedures have the number {number}"))
                        .other(*other, "the first one")
                        .help("without `option (oncilla.procedure)`, the number is the place in the service, from 1"),
                ),
                None => numbers.push((number, place)),
            }
            let (style, docs) = (self.style(&method), docs(&service.parent_file(), method.path()));
            methods.push(Method { name: used.take(snake(method.name())), docs, number, style });
        }
        methods
    }

    /// Checks that a procedure has one message in each direction.
    fn unary(&mut self, method: &MethodDescriptor) {
        let streams = [
            (method.is_client_streaming(), CLIENT_STREAMING, "arguments"),
            (method.is_server_streaming(), SERVER_STREAMING, "results"),
        ];
        for (_, part, what) in streams.into_iter().filter(|(streams, ..)| *streams) {
            let place = self.files.place(&method.parent_service().parent_file(), method.path(), &[part, NAME]);
            self.errors.push(
                Diagnostic::error(place, format!("{} streams its {what}, and a call has one message", method.name()))
                    .label("only unary calls exist")
                    .help("repeat a field of the message, or call several times"),
            );
        }
    }

    fn style(&mut self, method: &MethodDescriptor) -> Option<Style> {
        let set = method.method_descriptor_proto().options.clone().unwrap_or_default();
        let idempotent = set.idempotency_level() != IdempotencyLevel::IdempotencyUnknown;
        if !self.files.option(&method.options(), "oneway").and_then(|value| value.as_bool()).unwrap_or(false) {
            return idempotent.then_some(Style::Idempotent);
        }
        if method.output().fields().len() > 0 {
            let place = self.files.place(&method.parent_service().parent_file(), method.path(), &[3, NAME]);
            self.errors.push(
                Diagnostic::error(place, format!("{} has no reply, so it has no results", method.name()))
                    .help("return google.protobuf.Empty"),
            );
        }
        Some(Style::Oneway)
    }
}

/// Returns the comments of a declaration as lines of Markdown that look like the original.
fn docs(file: &FileDescriptor, path: &[i32]) -> Vec<String> {
    let Some(location) = location(file, path) else { return Vec::new() };
    let comments = [&location.leading_comments, &location.trailing_comments];
    let blocks = comments.into_iter().flatten().map(|text| {
        text.lines().map(|line| escape(&harmless(line.trim()))).collect::<Vec<_>>().join("\n").trim().to_owned()
    });
    let blocks: Vec<_> = blocks.filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n").lines().map(str::to_owned).collect()
}

/// Checks that each declaration that an option names exists.
pub fn all_used(files: &Files, options: &Options) -> Result<(), Error> {
    let pool = &files.pool;
    let services = options.programs.keys().chain(options.versions.keys());
    let methods = options.procedures.keys();
    let is_method = |name: &str| {
        let (service, method) = name.rsplit_once('.').unwrap_or(("", name));
        pool.get_service_by_name(service).is_some_and(|service| service.methods().any(|known| known.name() == method))
    };
    let wrong = services.filter(|name| pool.get_service_by_name(name).is_none()).map(|name| ("service", name));
    let wrong = wrong.chain(methods.filter(|name| !is_method(name)).map(|name| ("procedure", name)));
    let is_field = |name: &str| {
        let (message, field) = name.rsplit_once('.').unwrap_or(("", name));
        pool.get_message_by_name(message).is_some_and(|message| message.get_field_by_name(field).is_some())
    };
    let fields = options.max_bytes.keys().chain(options.max_len.keys());
    let mut wrong = wrong.chain(fields.filter(|name| !is_field(name)).map(|name| ("field", name)));
    match wrong.next() {
        Some((what, name)) => Err(Error::Option(format!(
            "an option of the build script names the {what} {name}, which the files do not have; write it with its package"
        ))),
        None => Ok(()),
    }
}
