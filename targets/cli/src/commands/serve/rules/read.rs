//! Reads rules from a TOML file.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::time::Duration;

use oncilla_dynamic::{Interface, Procedure};
use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::check::{self, Wrong, unknown};
use super::table::{File, Item, offset};
use super::{Answer, Otherwise, Rule, Rules};
use crate::commands::serve::fault::Fault;
use crate::commands::serve::path::Path;
use crate::failure::{Done, Failure};
use crate::input;
use crate::settings::duration;

/// The largest file of rules in bytes.
const FILE_MAX: u64 = 16 << 20;

/// The keys at the top of a file.
const TOP: [&str; 4] = ["seed", "default", "store", "rule"];

/// The keys of a rule.
const NAMES: [&str; 12] = [
    "procedure",
    "when",
    "probability",
    "delay",
    "store",
    "value",
    "json",
    "echo",
    "sequence",
    "then",
    "random",
    "fault",
];

/// The keys of answers, of which a rule has one.
const ANSWERS: [&str; 6] = ["value", "json", "echo", "sequence", "random", "fault"];

impl Rules {
    /// Reads a file and checks it against the interface.
    pub fn read(path: &FilePath, interface: &Interface) -> Done<Self> {
        // They are read again when the file changes.
        let text = input::regular_text("read the rules", path, FILE_MAX)?;
        Self::parse(File { path, text: &text }, interface)
    }

    pub(super) fn parse(file: File<'_>, interface: &Interface) -> Done<Self> {
        let table = file.parse()?;
        let table = table.get_ref();
        known(file, table, &TOP, "a key of a rules file")?;
        let mut rules = Self::default();
        if let Some(item) = table.get("seed") {
            let seed = file.json(item)?.as_u64();
            rules.seed = Some(seed.ok_or_else(|| file.wrong(item.span().start, "`seed` is a number, 0 or larger"))?);
        }
        if let Some(item) = table.get("default") {
            rules.default = otherwise(file, item)?;
        }
        if let Some(item) = table.get("store") {
            rules.store = file.object(file.table("store", item)?)?.into_iter().collect();
        }
        if let Some(item) = table.get("rule") {
            let wrong = || file.wrong(item.span().start, "rules begin with [[rule]], in two brackets");
            for item in item.get_ref().as_array().ok_or_else(wrong)?.iter() {
                let rule = Reader { file, interface, store: &rules.store }.rule(item)?;
                rules.list.push(rule);
            }
        }
        Ok(rules)
    }
}

fn known(file: File<'_>, table: &DeTable<'_>, names: &[&str], kind: &str) -> Done {
    match table.iter().find(|(name, _)| !names.contains(&&**name.get_ref())) {
        Some((name, _)) => Err(file.wrong(name.span().start, unknown(kind, name.get_ref(), names))),
        None => Ok(()),
    }
}

fn otherwise(file: File<'_>, item: &Item<'_>) -> Done<Otherwise> {
    match file.text("default", item)? {
        "template" => Ok(Otherwise::Template),
        "random" => Ok(Otherwise::Random),
        name => Fault::parse(name).map(Otherwise::Fault).ok_or_else(|| {
            let names = ["template", "random"].into_iter().chain(Fault::names());
            file.wrong(item.span().start, unknown("a value of `default`", name, names))
        }),
    }
}

/// Reads a rule.
struct Reader<'a> {
    file: File<'a>,
    interface: &'a Interface,
    store: &'a BTreeMap<String, Value>,
}

impl Reader<'_> {
    fn rule(&self, item: &Item<'_>) -> Done<Rule> {
        let file = self.file;
        let table = file.table("rule", item)?;
        known(file, table, &NAMES, "a key of a rule")?;
        let start = item.span().start;
        let name = table.get("procedure").ok_or_else(|| {
            file.wrong(start, "the rule has no `procedure`; write its name, or \"*\" for all procedures")
        })?;
        let procedure = match file.text("procedure", name)? {
            "*" => None,
            text => {
                let found = self.interface.procedure(text);
                Some(found.map_err(|error| file.wrong(name.span().start, error))?)
            }
        };
        let when = table.get("when").map_or(Ok(Vec::new()), |item| self.when(procedure, item))?;
        let store = table.get("store").map_or(Ok(Vec::new()), |item| self.stored(procedure, item))?;
        Ok(Rule {
            line: file.line(start),
            procedure: procedure.map(|procedure| procedure.id()),
            when,
            probability: table.get("probability").map_or(Ok(1.0), |item| self.probability(item))?,
            delay: table.get("delay").map(|item| self.delay(item)).transpose()?,
            store,
            answer: self.answer(procedure, table, start)?,
        })
    }

    /// Returns the one procedure of a rule.
    fn one<'i>(&self, procedure: Option<Procedure<'i>>, name: &str, item: &Item<'_>) -> Done<Procedure<'i>> {
        procedure.ok_or_else(|| {
            let what = format!("`{name}` needs one procedure, and this rule is for all; set `procedure` to its name");
            self.file.wrong(item.span().start, what)
        })
    }

    fn when(&self, procedure: Option<Procedure<'_>>, item: &Item<'_>) -> Done<Vec<(Path, Value)>> {
        let procedure = self.one(procedure, "when", item)?;
        let mut when = Vec::new();
        for (name, item) in self.file.table("when", item)?.iter() {
            let type_ =
                check::argument(procedure, name.get_ref()).map_err(|what| self.file.wrong(name.span().start, what))?;
            let value = check::as_called(type_, &self.file.json(item)?)
                .map_err(|wrong| self.at(item, &format!("when.{}", name.get_ref()), wrong))?;
            when.push((Path::parse(name.get_ref()).unwrap_or_default(), value));
        }
        Ok(when)
    }

    fn stored(&self, procedure: Option<Procedure<'_>>, item: &Item<'_>) -> Done<Vec<(String, Path)>> {
        let procedure = self.one(procedure, "store", item)?;
        let mut stored = Vec::new();
        for (name, item) in self.file.table("store", item)?.iter() {
            let text = self.file.text("store", item)?;
            check::argument(procedure, text).map_err(|what| self.file.wrong(item.span().start, what))?;
            if !self.store.contains_key(&**name.get_ref()) {
                let what = unknown("a name in [store]", name.get_ref(), self.store.keys());
                let failure = self.file.wrong(name.span().start, what);
                return Err(failure.help(format_args!(
                    "give its initial value at the top of the file: `[store]`, then `{} = …`",
                    name.get_ref()
                )));
            }
            stored.push((name.get_ref().clone().into_owned(), Path::parse(text).unwrap_or_default()));
        }
        Ok(stored)
    }

    fn probability(&self, item: &Item<'_>) -> Done<f64> {
        let number = self.file.json(item)?.as_f64().filter(|number| (0.0..=1.0).contains(number));
        number.ok_or_else(|| self.file.wrong(item.span().start, "`probability` is a number from 0 to 1, such as 0.05"))
    }

    fn delay(&self, item: &Item<'_>) -> Done<std::ops::RangeInclusive<Duration>> {
        let one = |item: &Item<'_>| {
            let text = self.file.text("delay", item)?;
            duration(text).map_err(|error| self.file.wrong(item.span().start, format_args!("`delay`: {error}")))
        };
        let DeValue::Array(items) = item.get_ref() else {
            let time = one(item)?;
            return Ok(time..=time);
        };
        let times = items.iter().map(one).collect::<Done<Vec<_>>>()?;
        match *times {
            [least, most] if least <= most => Ok(least..=most),
            _ => Err(self.file.wrong(item.span().start, "`delay` is a time, or two: [\"10ms\", \"50ms\"]")),
        }
    }

    fn answer(&self, procedure: Option<Procedure<'_>>, table: &DeTable<'_>, start: usize) -> Done<Option<Answer>> {
        let file = self.file;
        let mut answers = ANSWERS.iter().filter_map(|name| Some((*name, table.get(*name)?)));
        let Some((name, item)) = answers.next() else {
            return match table.get("then") {
                Some(item) => Err(file.wrong(item.span().start, "`then` needs a `sequence`")),
                None if table.contains_key("delay") || table.contains_key("store") => Ok(None),
                None => {
                    Err(file.wrong(start, format_args!("the rule does nothing; add one of {}", ANSWERS.join(", "))))
                }
            };
        };
        if let Some((other, item)) = answers.next() {
            let what = format!("a rule answers once, and this one has `{name}` and `{other}`; make two rules");
            return Err(file.wrong(item.span().start, what));
        }
        if let Some(item) = table.get("then").filter(|_| name != "sequence") {
            return Err(file.wrong(item.span().start, "`then` needs a `sequence`"));
        }
        Ok(Some(match name {
            "random" if matches!(item.get_ref(), DeValue::Boolean(true)) => Answer::Random,
            "random" => return Err(file.wrong(item.span().start, "write `random = true`")),
            "fault" => {
                let name = file.text("fault", item)?;
                let fault = Fault::parse(name);
                Answer::Fault(
                    fault.ok_or_else(|| file.wrong(item.span().start, unknown("a fault", name, Fault::names())))?,
                )
            }
            _ => self.value(self.one(procedure, name, item)?, name, item, table.get("then"))?,
        }))
    }

    fn value(&self, procedure: Procedure<'_>, name: &str, item: &Item<'_>, then: Option<&Item<'_>>) -> Done<Answer> {
        let file = self.file;
        let checked = |value: Value, item: &Item<'_>, name: &str| {
            check::result(procedure, &value, self.store).map_err(|wrong| self.at(item, name, wrong))?;
            Ok(value)
        };
        match name {
            "json" => {
                let value = serde_json::from_str(file.text(name, item)?)
                    .map_err(|error| file.wrong(item.span().start, format_args!("`json` is not JSON: {error}")))?;
                checked(value, item, name).map(Answer::Value)
            }
            "echo" => {
                let value = serde_json::json!({super::ARGUMENT: file.text(name, item)?});
                checked(value, item, name).map(Answer::Value)
            }
            "sequence" => {
                let wrong = || file.wrong(item.span().start, "`sequence` is an array of at least one value");
                let items = item.get_ref().as_array().filter(|items| !items.is_empty()).ok_or_else(wrong)?;
                let value =
                    |(index, item): (usize, &Item<'_>)| checked(file.json(item)?, item, &format!("sequence[{index}]"));
                let values = items.iter().enumerate().map(value).collect::<Done<_>>()?;
                let repeats = match then.map(|item| Done::Ok((file.text("then", item)?, item))).transpose()? {
                    None | Some(("repeat", _)) => true,
                    Some(("stay", _)) => false,
                    Some((other, item)) => {
                        return Err(
                            file.wrong(item.span().start, unknown("a value of `then`", other, ["repeat", "stay"]))
                        );
                    }
                };
                Ok(Answer::Sequence { values, repeats })
            }
            _ => checked(file.json(item)?, item, name).map(Answer::Value),
        }
    }

    /// Returns the failure of a part of a value.
    fn at(&self, item: &Item<'_>, name: &str, Wrong { path, what }: Wrong) -> Failure {
        self.file.wrong(offset(item, &path), format_args!("in `{name}`, {what}"))
    }
}

#[cfg(test)]
mod tests;
