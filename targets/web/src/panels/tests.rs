//! Files with panels, and what is wrong with them.

use oncilla_dynamic::Interface;
use serde_json::{Value, json};

use super::Panels;

const OVEN: &str = "
    struct state { bool on; int watts<4>; };
    union reading switch (int fault) { case 0: state now; default: void; };
    program OVEN { version OVEN_1 {
        reading OVEN_READ(unsigned int plate) = 1;
        void OVEN_HEAT(unsigned int plate, bool on) = 2;
        void OVEN_TARGET(int degrees) = 3;
        double OVEN_DEGREES(void) = 4;
    } = 1; } = 0x20000060;";

fn resolved(text: &str) -> Result<Value, String> {
    let interface = Interface::parse(OVEN).unwrap();
    let parsed = Panels::parse("oven.toml", text).map_err(|error| error.to_string())?;
    // As a page without a server has it.
    let parsed: Panels = serde_json::from_str(&serde_json::to_string(&parsed).unwrap()).unwrap();
    parsed.resolve(&interface).map_err(|error| error.to_string())
}

#[test]
fn each_kind_is_resolved() {
    let shown = resolved(
        r#"
        [[panel]]
        kind = "gauge"
        title = "Plate"
        procedure = "oven.degrees"
        low = 0
        high = 300
        unit = "°C"
        [[panel]]
        kind = "plot"
        procedure = "oven.read"
        arguments = { plate = 1 }
        fields = ["0.watts[0]", "0.on"]
        every = 0.2
        [[panel]]
        kind = "table"
        procedure = "oven.read"
        arguments = { plate = 1 }
        field = "0.watts"
        [[panel]]
        kind = "switch"
        procedure = "oven.heat"
        arguments = { plate = 1 }
        argument = "on"
        state = { procedure = "oven.read", arguments = { plate = 1 }, field = "0.on" }
        [[panel]]
        kind = "slider"
        procedure = "oven.target"
        low = 20
        high = 250
        step = 5
        "#,
    )
    .unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 5);
    assert_eq!((&shown[0]["title"], &shown[0]["read"]["paths"]), (&json!("Plate"), &json!([[]])));
    assert_eq!(shown[1]["read"]["paths"], json!([["0", "watts", 0], ["0", "on"]]));
    assert_eq!((&shown[1]["every"], &shown[1]["title"]), (&json!(200.0), &json!("oven.read")));
    assert_eq!((&shown[3]["set"]["argument"], &shown[3]["set"]["bool"]), (&json!(["on"]), &json!(true)));
    assert_eq!((&shown[4]["set"]["argument"], &shown[4]["step"]), (&json!(["degrees"]), &json!(5.0)));
}

/// Errors name the file, the line, what is wrong, and what is allowed.
#[test]
fn errors_state_what_is_allowed() {
    let read = "procedure = 'oven.read'\narguments = { plate = 1 }\n";
    let cases = [
        ("[[panel]]\nkind = 'gauge'\ncolour = 1".to_owned(), "line 3: unknown field `colour`"),
        ("kind =".to_owned(), "line 1: "),
        (
            "\n[[panel]]\nkind = 'gauge'\nprocedure = 'oven.reed'\nlow = 0\nhigh = 1".to_owned(),
            "line 2: gauge: the interface has no procedure `oven.reed`; the most similar is `oven.read`",
        ),
        (format!("[[panel]]\nkind = 'gauge'\n{read}low = 0\nhigh = 1"), "name a part: `0`"),
        (format!("[[panel]]\nkind = 'gauge'\n{read}field = '0.watt'\nlow = 0\nhigh = 1"), "it has `on`, `watts`"),
        (format!("[[panel]]\nkind = 'plot'\n{read}fields = ['0.watts[4]']"), "at most 4 elements"),
        (format!("[[panel]]\nkind = 'plot'\n{read}low = 1"), "a plot has no `low`"),
        ("[[panel]]\nkind = 'gauge'\nprocedure = 'oven.degrees'".to_owned(), "needs `low` and `high`"),
        ("[[panel]]\nkind = 'gauge'\nprocedure = 'oven.heat'\nlow = 0\nhigh = 1".to_owned(), "do not fit"),
        ("[[panel]]\nkind = 'switch'\nprocedure = 'oven.heat'".to_owned(), "of `plate`, `on`"),
        (
            "[[panel]]\nkind = 'slider'\nprocedure = 'oven.target'\nlow = 0\nhigh = 3e9".to_owned(),
            "the arguments of oven.target do not fit",
        ),
        ("[[panel]]\nkind = 'table'\nprocedure = 'oven.degrees'\nevery = 0.01".to_owned(), "`every` is from 0.1"),
        (
            "[[panel]]\nkind = 'slider'\nprocedure = 'oven.target'\nlow = 0\nhigh = 9\nstep = 0.5".to_owned(),
            "the arguments of oven.target do not fit",
        ),
        ("[[panel]]\nkind = 'plot'\nprocedure = 'oven.degrees'\nscale = 0".to_owned(), "`scale` is a finite number"),
        ("[[panel]]\nkind = 'plot'\nprocedure = 'oven.degrees'\nscale = nan".to_owned(), "`scale` is a finite number"),
        (
            "[[panel]]\nkind = 'gauge'\nprocedure = 'oven.degrees'\nlow = 0\nhigh = inf".to_owned(),
            "`high` is a finite number",
        ),
    ];
    for (text, wanted) in cases {
        let error = resolved(&text).unwrap_err();
        assert!(error.starts_with("oven.toml, line ") && error.contains(wanted), "{error}\n(wanted {wanted})");
    }
}
