//! What types consist of, their comments and their sizes.

use std::collections::HashSet;

use oncilla::xdr::MaxSize;
use oncilla_dynamic::{Interface, Payload, Shape, Type};
use oncilla_generated::{dialect, owned};
use oncilla_suite as suite;

use crate::sample::{Random, sample};
use crate::types::file;

const TEXT: &str = "
    /* Copyright. */

    /* A colour
     * of paint. */
    enum color { RED = 1, /* As blood. */ GOLD = 0xfffffffe, BLUE = 7 };
    /* Not this one. */ typedef color paint;
    union shape switch (color tint) {
        case RED: void;
        /* In metres. */
        case GOLD: case BLUE: int radius;
        default: opaque other[3];
    };
    struct tree { unsigned int key; /* The key. */ tree *left; tree *right; };
    struct node { string name<>; struct node *next; };
    typedef node *list;
    struct all { paint first; list names; hyper *maybe; struct { float x; double y<2>; } inner; };
    /* The program. */
    program P {
        /* The version. */
        version V {
            /* Draws. */
            all P_DRAW(shape what, unsigned int, tree) = 1;
            void P_STOP(void) = 2; /* Stops. */
        } = 3;
    } = 0x20000042;
";

fn fields<'i>(type_: Type<'i>) -> Vec<oncilla_dynamic::Field<'i>> {
    match type_.shape() {
        Shape::Struct(fields) => fields,
        other => panic!("{other:?}"),
    }
}

#[test]
fn types_have_names_comments_and_parts() {
    let interface = Interface::parse(TEXT).unwrap();
    let names: Vec<_> = interface.types().map(|type_| type_.name().unwrap()).collect();
    assert_eq!(names, ["color", "paint", "shape", "tree", "node", "list", "all"]);
    let color = interface.type_("COLOR").unwrap();
    assert_eq!(color.documentation(), "A colour\nof paint.");
    let Shape::Enum(members) = color.shape() else { panic!("{color:?}") };
    let members: Vec<_> = members.iter().map(|member| (member.name, member.number, member.documentation)).collect();
    assert_eq!(members, [("RED", 1, "As blood."), ("GOLD", -2, ""), ("BLUE", 7, "")]);
    // Two names for one type, each with its own comment.
    let paint = interface.type_("paint").unwrap();
    assert_eq!((paint.name(), paint.documentation()), (Some("paint"), "Not this one."));
    assert_eq!(paint, color);

    let Shape::Union { discriminant, cases, default } = interface.type_("shape").unwrap().shape() else { panic!() };
    assert_eq!(discriminant, color);
    let of = |case: &oncilla_dynamic::Case<'_>| {
        (
            case.name.clone(),
            case.field.to_owned(),
            case.body.map(|body| body.to_string()),
            case.documentation.to_owned(),
        )
    };
    let case = |name: &str, field: &str, body: Option<&str>, documentation: &str| {
        (name.to_owned(), field.to_owned(), body.map(str::to_owned), documentation.to_owned())
    };
    assert_eq!(
        cases.iter().map(of).collect::<Vec<_>>(),
        [
            case("RED", "", None, ""),
            case("GOLD", "radius", Some("int"), "In metres."),
            case("BLUE", "radius", Some("int"), "In metres.")
        ]
    );
    assert_eq!(default.as_ref().map(of), Some(case("default", "other", Some("opaque[3]"), "")));

    let all = fields(interface.type_("all").unwrap());
    let types: Vec<_> = all.iter().map(|field| (field.type_.to_string(), field.optional)).collect();
    let expected = [("color", false), ("list", true), ("hyper *", true), ("struct", false)];
    assert_eq!(types, expected.map(|(name, optional)| (name.to_owned(), optional)));
    let inner = fields(all[3].type_);
    assert_eq!(inner[1].type_.to_string(), "double<2>");
    let Shape::List { node, min: 0 } = all[1].type_.shape() else { panic!() };
    assert_eq!(fields(node)[0].type_.shape(), Shape::Text { max: None });
    assert!(matches!(interface.type_("node").unwrap().shape(), Shape::List { min: 1, .. }));
}

#[test]
fn recursive_types_come_back_to_themselves() {
    let interface = Interface::parse(TEXT).unwrap();
    let tree = interface.type_("tree").unwrap();
    let Shape::Optional(left) = fields(tree)[1].type_.shape() else { panic!() };
    assert_eq!(left, tree);
    assert_eq!(fields(tree)[0].documentation, "The key.");
    // All types of a file are reached in finitely many steps.
    let (mut seen, mut waiting) = (HashSet::new(), interface.types().collect::<Vec<_>>());
    while let Some(type_) = waiting.pop() {
        if !seen.insert(type_) {
            continue;
        }
        match type_.shape() {
            Shape::Array { element: part, .. } | Shape::Optional(part) | Shape::List { node: part, .. } => {
                waiting.push(part);
            }
            Shape::Struct(fields) => waiting.extend(fields.iter().map(|field| field.type_)),
            Shape::Union { discriminant, cases, default } => {
                waiting.push(discriminant);
                waiting.extend(cases.iter().chain(&default).filter_map(|case| case.body));
            }
            _ => {}
        }
    }
    assert!(seen.len() > 12, "{seen:?}");
}

#[test]
fn programs_and_procedures_have_comments_and_types() {
    let interface = Interface::parse(TEXT).unwrap();
    let program = interface.programs().next().unwrap();
    assert_eq!((program.name(), program.number(), program.documentation()), ("P", 0x2000_0042, "The program."));
    let version = program.versions().next().unwrap();
    assert_eq!((version.name(), version.number(), version.documentation()), ("V", 3, "The version."));
    let [draw, stop] = version.procedures().collect::<Vec<_>>()[..] else { panic!() };
    assert_eq!((draw.documentation(), stop.documentation()), ("Draws.", "Stops."));
    let arguments: Vec<_> = draw.argument_fields().map(|field| format!("{} {}", field.type_, field.name)).collect();
    assert_eq!(arguments, ["shape what", "unsigned int arg2", "tree arg3"]);
    assert_eq!(draw.result(), interface.type_("all").ok());
    assert_eq!(stop.result(), None);
    assert_eq!((stop.arguments_size().max, stop.results_size().max), (Some(0), Some(0)));
    assert_eq!((draw.arguments_size().min, draw.arguments_size().max), (4 + 4 + 12, None));
}

#[test]
fn an_unknown_type_has_a_suggestion() {
    let interface = Interface::parse(TEXT).unwrap();
    let error = interface.type_("shap").unwrap_err().to_string();
    assert_eq!(error, "the interface has no type `shap`; the most similar is `shape`");
    let error = interface.type_("quite another").unwrap_err().to_string();
    assert_eq!(error, "the interface has no type `quite another`; list the types of the interface");
}

/// Compares the largest size with that of the type that is generated.
fn is_as_large<T: MaxSize>(interface: &Interface, name: &str) {
    let size = interface.procedure(name).unwrap().results_size();
    assert_eq!(size.max, Some(T::MAX_SIZE as u64), "{name}");
}

#[test]
fn largest_sizes_are_those_of_generated_types() {
    let interface = &file("tests/suite/suite.x");
    is_as_large::<suite::Notes>(interface, "suite.notes");
    is_as_large::<bool>(interface, "suite_types.negate");
    is_as_large::<suite::Integers>(interface, "suite_types.invert");
    is_as_large::<suite::Reals>(interface, "suite_types.opposite");
    is_as_large::<suite::Packed>(interface, "suite_types.turn_packed");
    is_as_large::<suite::Octets>(interface, "suite_types.turn_octets");
    is_as_large::<suite::Triple>(interface, "suite_types.rotate");
    is_as_large::<suite::Maybe>(interface, "suite_types.next");
    is_as_large::<suite::Shape>(interface, "suite_types.other_shape");
    is_as_large::<suite::Record<'_>>(interface, "suite_types.make_record");
    let interface = &file("tests/interop/constructs.x");
    is_as_large::<owned::Numbers>(interface, "constructs.echo_numbers");
    is_as_large::<owned::Shape>(interface, "constructs.echo_shape");
    is_as_large::<owned::Maybe>(interface, "constructs.echo_maybe");
    is_as_large::<owned::Unions>(interface, "constructs.echo_unions");
    let interface = &file("tests/generated/dialect.x");
    is_as_large::<dialect::Spelt>(interface, "dialect.echo_spelt");
    is_as_large::<dialect::Counted>(interface, "dialect.echo_counted");
}

#[test]
fn messages_are_within_the_sizes_and_some_are_least() {
    for path in ["tests/suite/suite.x", "tests/interop/constructs.x", "tests/generated/recursive.x"] {
        for payload in [Payload::Xdr, Payload::Postcard] {
            let interface = file(path).payload(payload);
            let xdr = file(path);
            let mut random = Random(11);
            for procedure in interface.procedures() {
                let size = procedure.results_size();
                let of_xdr = xdr.procedure(procedure.names()[2]).unwrap();
                for _ in 0..20 {
                    let found = sample(&mut random, |bytes| of_xdr.decode_results(bytes));
                    let Some((_, value)) = found else { continue };
                    let length = procedure.encode_results(&value).unwrap().len() as u64;
                    assert!(size.min <= length && size.max.is_none_or(|max| length <= max), "{size:?} {length}");
                }
            }
        }
    }
}

#[test]
fn sizes_of_types_that_contain_themselves_are_found() {
    let size = |text: &str, name: &str| Interface::parse(text).unwrap().type_(name).unwrap().size();
    let text = "union term switch (int kind) { case 0: pair both; case 1: hyper number; };
                struct pair { term *terms[3]; };";
    // A `term *terms[3]` is not in the language; a pointer by its own name is.
    assert!(Interface::parse(text).is_err());
    let text = "union term switch (int kind) { case 0: pair both; case 1: hyper number; };
                typedef term *link; struct pair { link terms[3]; };";
    assert_eq!((size(text, "term").min, size(text, "term").max), (12, None));
    assert_eq!(size(text, "pair").min, 12);
    let text = "typedef opaque large[0xffffffff]; typedef large wide[0xffffffff]; typedef wide more[0xffffffff];";
    assert_eq!(size(text, "wide").max, Some(0x1_0000_0000 * 0xffff_ffff));
    assert_eq!(size(text, "more").max, None);
    // A chain as long as a text may be.
    let chain: String =
        (0..3000).map(|number| format!("struct a{number} {{ int x; a{} *y; }};\n", number + 1)).collect();
    let text = format!("{chain} struct a3000 {{ a0 *y; }};");
    assert_eq!((size(&text, "a0").min, size(&text, "a0").max), (8, None));
}
