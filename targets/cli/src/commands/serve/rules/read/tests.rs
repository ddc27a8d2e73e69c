use std::path::Path as FilePath;

use serde_json::json;

use super::super::draw::State;
use super::*;

const X: &str = "
    enum status { OK = 0, BROKEN = 1 };
    struct sample { int value; string place<8>; };
    union reading switch (status outcome) { case OK: sample latest; default: void; };
    program P { version V {
        reading READ(unsigned int channel) = 1;
        string NAME(string name<8>, sample of) = 2;
        void STOP(status why) = 3;
    } = 1; } = 0x20000042;
";

fn parse(text: &str) -> Done<Rules> {
    Rules::parse(File { path: FilePath::new("r.toml"), text }, &Interface::parse(X).unwrap())
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// Returns the values and faults of calls one after another.
fn answers(text: &str, calls: &[(&str, Value)]) -> Vec<String> {
    let (rules, interface) = (parse(text).unwrap_or_else(|error| panic!("{error}")), Interface::parse(X).unwrap());
    let mut state = State::new(&rules);
    let call = |(name, arguments): &(&str, Value)| match state
        .draw(&rules, interface.procedure(name).unwrap(), arguments)
        .outcome
    {
        Some(Ok(value)) => value.to_string(),
        Some(Err(fault)) => fault.name().to_owned(),
        None => "none".to_owned(),
    };
    calls.iter().map(call).collect()
}

#[test]
fn the_first_rule_that_applies_answers() {
    let text = r#"
        [[rule]]
        procedure = "p.read"
        when = { channel = 1 }
        value = { OK = { value = -3, place = "hall" } }
        [[rule]]
        procedure = "read"
        when = { channel = 2 }
        json = '{"BROKEN": null}'
        [[rule]]
        procedure = "*"
        fault = "auth_tooweak"
    "#;
    let channel = |channel: u32| ("read", json!({"channel": channel}));
    let got = answers(text, &[channel(1), channel(2), channel(3), ("stop", json!({"why": "OK"}))]);
    assert_eq!(got, [r#"{"OK":{"place":"hall","value":-3}}"#, r#"{"BROKEN":null}"#, "AUTH_TOOWEAK", "AUTH_TOOWEAK"]);
}

#[test]
fn sequences_repeat_or_stay() {
    let text = |then: &str| {
        format!("[[rule]]\nprocedure = \"name\"\nsequence = [\"a\", \"b\", {{ \"$argument\" = \"of.place\" }}]\n{then}")
    };
    let calls = vec![("name", json!({"name": "", "of": {"value": 1, "place": "c"}})); 5];
    assert_eq!(answers(&text(""), &calls).concat(), r#""a""b""c""a""b""#);
    assert_eq!(answers(&text("then = \"stay\""), &calls).concat(), r#""a""b""c""c""c""#);
}

#[test]
fn what_calls_store_is_loaded() {
    let text = r#"
        [store]
        last = "none"
        [[rule]]
        procedure = "name"
        when = { "of.value" = 1 }
        store = { last = "name" }
        echo = "name"
        [[rule]]
        procedure = "name"
        value = { "$load" = "last" }
    "#;
    let call = |name: &str, value: i32| ("name", json!({"name": name, "of": {"value": value, "place": ""}}));
    let calls = [call("a", 0), call("b", 1), call("c", 0)];
    assert_eq!(answers(text, &calls), [r#""none""#, r#""b""#, r#""b""#]);
}

#[test]
fn probability_and_random_values_are_those_of_the_seed() {
    let text = |seed: u32| {
        format!(
            "seed = {seed}\n[[rule]]\nprocedure = \"*\"\nprobability = 0.5\nfault = \"silence\"\n\
             [[rule]]\nprocedure = \"read\"\nrandom = true"
        )
    };
    let calls = vec![("read", json!({"channel": 0})); 200];
    let run = |seed| answers(&text(seed), &calls);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let silent = run(1).iter().filter(|answer| *answer == "silence").count();
    assert!((60..140).contains(&silent), "{silent} of 200");
}

#[test]
fn errors_state_the_line_the_path_and_what_to_write() {
    let mut others = Vec::new();
    for (text, expected) in [
        ("seed = ", "r.toml:1: this is not TOML"),
        ("\nspeed = 1", "r.toml:2: `speed` is not a key of a rules file; the most similar is `seed`"),
        ("seed = -1", "r.toml:1: `seed` is a number, 0 or larger"),
        ("default = \"rendom\"", "r.toml:1: `rendom` is not a value of `default`; the most similar is `random`"),
        ("[rule]\n", "r.toml:1: rules begin with [[rule]], in two brackets"),
        ("[[rule]]\nfault = \"silence\"", "r.toml:1: the rule has no `procedure`"),
        (
            "[[rule]]\nprocedure = \"raed\"",
            "r.toml:2: the interface has no procedure `raed`; the most similar is `p.read`",
        ),
        ("[[rule]]\nprocedure = \"read\"", "r.toml:1: the rule does nothing; add one of value, json"),
        (
            "[[rule]]\nprocedure = \"read\"\nvalu = 1",
            "r.toml:3: `valu` is not a key of a rule; the most similar is `value`",
        ),
        (
            "[[rule]]\nprocedure = \"read\"\nvalue = { OK = {\n  value = \"high\", place = \"\" } }",
            "r.toml:4: in `value`, `OK.value`: expected an int",
        ),
        (
            "[[rule]]\nprocedure = \"name\"\nsequence = [\n  \"a\",\n  \"too long a text for it, which has no bound\",\n  7 ]",
            "r.toml:6: in `sequence[2]`, expected a text",
        ),
        ("[[rule]]\nprocedure = \"name\"\nsequence = []", "r.toml:3: `sequence` is an array of at least one value"),
        ("[[rule]]\nprocedure = \"name\"\nvalue = \"a\"\nthen = \"stay\"", "r.toml:4: `then` needs a `sequence`"),
        (
            "[[rule]]\nprocedure = \"name\"\nvalue = \"a\"\nfault = \"silence\"",
            "has `value` and `fault`; make two rules",
        ),
        ("[[rule]]\nprocedure = \"*\"\nvalue = 1", "r.toml:3: `value` needs one procedure"),
        (
            "[[rule]]\nprocedure = \"name\"\necho = \"nam\"",
            "r.toml:3: in `echo`, `nam` is not an argument of p.name; the most similar is `name`",
        ),
        ("[[rule]]\nprocedure = \"name\"\necho = \"of.plaec\"", "the argument `of` of p.name has no part `of.plaec`"),
        ("[[rule]]\nprocedure = \"name\"\necho = \"of.value\"", "in `echo`, the argument `of.value`: expected a text"),
        (
            "[[rule]]\nprocedure = \"name\"\nvalue = { \"$load\" = \"x\" }",
            "in `value`, `x` is not a name in [store]; there are none",
        ),
        ("[[rule]]\nprocedure = \"name\"\nstore = { x = \"name\" }", "give its initial value at the top of the file"),
        (
            "[[rule]]\nprocedure = \"read\"\nwhen = { chanel = 1 }\nrandom = true",
            "r.toml:3: `chanel` is not an argument of p.read; the most similar is `channel`",
        ),
        (
            "[[rule]]\nprocedure = \"read\"\nwhen = { channel = -1 }\nrandom = true",
            "r.toml:3: in `when.channel`, expected an unsigned int",
        ),
        (
            "[[rule]]\nprocedure = \"read\"\nfault = \"SYSTEM_ERROR\"",
            "`SYSTEM_ERROR` is not a fault; the most similar is `SYSTEM_ERR`",
        ),
        (
            "[[rule]]\nprocedure = \"read\"\nprobability = 2\nrandom = true",
            "r.toml:3: `probability` is a number from 0 to 1",
        ),
        ("[[rule]]\nprocedure = \"read\"\ndelay = \"soon\"", "r.toml:3: `delay`: expected a time"),
        ("[[rule]]\nprocedure = \"read\"\ndelay = [\"2s\", \"1s\"]", "r.toml:3: `delay` is a time, or two"),
        ("[[rule]]\nprocedure = \"name\"\nvalue = 1979-05-27", "r.toml:3: no type is a date"),
    ] {
        let error = error(text);
        if !error.contains(expected) {
            others.push(format!("{text}\n{error}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n\n"));
}

#[test]
fn conditions_take_every_spelling_of_a_value() {
    let text = "[[rule]]\nprocedure = \"stop\"\nwhen = { why = 1 }\nfault = \"PROC_UNAVAIL\"";
    let calls = [("stop", json!({"why": "BROKEN"})), ("stop", json!({"why": "OK"}))];
    assert_eq!(answers(text, &calls), ["PROC_UNAVAIL", "none"]);
}
