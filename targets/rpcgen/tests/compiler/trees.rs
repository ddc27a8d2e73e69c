//! Trees at random.

use oncilla_rpcgen::Place;
use oncilla_rpcgen::tree::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const BASICS: [Basic; 11] = [
    Basic::Char,
    Basic::UnsignedChar,
    Basic::Short,
    Basic::UnsignedShort,
    Basic::Int,
    Basic::UnsignedInt,
    Basic::Hyper,
    Basic::UnsignedHyper,
    Basic::Float,
    Basic::Double,
    Basic::Bool,
];

pub fn specification() -> impl Strategy<Value = Specification> {
    (vec(item(), 0..8), vec(comment(), 0..4)).prop_map(|(mut items, comments)| {
        // A comment behind the last item, on its line, would be behind a line for C.
        for item in &mut items {
            if let Definition::Passed(_) = item.definition {
                item.comments.behind = None;
            }
        }
        Specification { items, comments: ends(comments) }
    })
}

/// The last comment of a file has nothing below it to be apart from.
fn ends(mut comments: Vec<Comment>) -> Vec<Comment> {
    comments.iter_mut().rev().take(1).for_each(|comment| comment.apart = false);
    comments
}

fn item() -> impl Strategy<Value = Item> {
    let definition = prop_oneof![
        (name(), constant()).prop_map(|(name, value)| Definition::Constant(Constant { name, value })),
        declaration().prop_map(Definition::Typedef),
        (name(), enum_body()).prop_map(|(name, body)| Definition::Enum(name, body)),
        (name(), struct_body()).prop_map(|(name, body)| Definition::Struct(name, body)),
        (name(), union_body()).prop_map(|(name, body)| Definition::Union(name, Box::new(body))),
        program().prop_map(Definition::Program),
        // It would go on behind a backslash.
        "[ -~]{0,20}".prop_map(|line| Definition::Passed(Passed::new(line.trim_end_matches('\\'), Place::default()))),
    ];
    (comments(), definition).prop_map(|(comments, definition)| Item { comments, definition, place: Place::default() })
}

fn comment() -> impl Strategy<Value = Comment> {
    ("[ -.0-~\n]{0,20}", any::<bool>()).prop_map(|(text, apart)| Comment {
        text: text.replace("*/", ""),
        apart,
        place: Place::default(),
    })
}

fn comments() -> impl Strategy<Value = Comments> {
    (vec(comment(), 0..4), option::of(comment())).prop_map(|(before, behind)| Comments {
        before,
        behind: behind.map(|comment| Comment { apart: false, ..comment }),
    })
}

/// No keyword begins so.
fn name() -> impl Strategy<Value = Name> {
    "[A-Z_][A-Za-z0-9_]{0,6}".prop_map(|text| Name { text, place: Place::default() })
}

fn value() -> impl Strategy<Value = Value> {
    let number = prop_oneof!["-?(0|[1-9][0-9]{0,8})", "-?0x[0-9a-fA-F]{1,16}", "-?0[0-7]{1,8}"];
    let number = number.prop_map(|text| {
        let value = Number::parse(&text).expect("it is a number");
        Value::Number(Number { text, value, place: Place::default() })
    });
    prop_oneof![number, name().prop_map(Value::Name)]
}

fn constant() -> impl Strategy<Value = ConstantValue> {
    prop_oneof![value().prop_map(ConstantValue::Value), "[ !#-~]{0,9}".prop_map(ConstantValue::Text)]
}

fn of(specifier: Specifier, shape: Shape) -> Type {
    Type { specifier, shape, place: Place::default() }
}

fn variable() -> impl Strategy<Value = Shape> {
    option::of(value()).prop_map(Shape::Variable)
}

fn array() -> impl Strategy<Value = Shape> {
    prop_oneof![value().prop_map(Shape::Fixed), variable()]
}

fn simple() -> impl Strategy<Value = Specifier> {
    prop_oneof![proptest::sample::select(&BASICS).prop_map(Specifier::Basic), name().prop_map(Specifier::Named)]
}

fn flat_type() -> impl Strategy<Value = Type> {
    let shape = prop_oneof![Just(Shape::One), Just(Shape::Optional), array()];
    prop_oneof![
        (simple(), shape).prop_map(|(specifier, shape)| of(specifier, shape)),
        variable().prop_map(|shape| of(Specifier::String, shape)),
        array().prop_map(|shape| of(Specifier::Opaque, shape)),
    ]
}

/// With bodies that have no names.
fn declaration() -> BoxedStrategy<Declaration> {
    let named = |(name, type_)| Declaration { name, type_ };
    let flat = (name(), flat_type()).prop_map(named).boxed();
    flat.prop_recursive(3, 16, 3, move |inner| {
        let body = prop_oneof![
            enum_body().prop_map(Specifier::Enum),
            fields(inner.clone()).prop_map(|body| Specifier::Struct(Box::new(body))),
            arms(inner).prop_map(|body| Specifier::Union(Box::new(body))),
        ];
        let shape = prop_oneof![Just(Shape::One), Just(Shape::Optional), array()];
        (name(), body, shape).prop_map(move |(name, specifier, shape)| named((name, of(specifier, shape))))
    })
    .boxed()
}

fn enum_body() -> impl Strategy<Value = EnumBody> {
    let member = (comments(), name(), option::of(value()));
    vec(member.prop_map(|(comments, name, value)| Member { comments, name, value }), 1..4)
        .prop_map(|members| EnumBody { members })
}

fn struct_body() -> impl Strategy<Value = StructBody> {
    fields(declaration())
}

fn fields(declaration: BoxedStrategy<Declaration>) -> impl Strategy<Value = StructBody> {
    let field = (comments(), declaration).prop_map(|(comments, declaration)| Field { comments, declaration });
    vec(field, 1..4).prop_map(|fields| StructBody { fields })
}

fn union_body() -> impl Strategy<Value = UnionBody> {
    arms(declaration())
}

fn arms(declaration: BoxedStrategy<Declaration>) -> impl Strategy<Value = UnionBody> {
    let arm = (comments(), vec(value(), 1..3), option::of(declaration.clone()));
    let arm = arm.prop_map(|(comments, cases, body)| Arm { comments, cases, body });
    let default = (comments(), option::of(declaration)).prop_map(|(comments, body)| DefaultArm { comments, body });
    let discriminant = (name(), simple());
    (discriminant, vec(arm, 1..4), option::of(default)).prop_map(|((name, specifier), arms, default)| UnionBody {
        discriminant: Declaration { name, type_: of(specifier, Shape::One) },
        arms,
        default,
    })
}

fn program() -> impl Strategy<Value = Program> {
    (name(), vec(version(), 1..3), value()).prop_map(|(name, versions, number)| Program { name, versions, number })
}

fn version() -> impl Strategy<Value = Version> {
    let parts = (comments(), name(), vec(procedure(), 1..4), value());
    parts.prop_map(|(comments, name, procedures, number)| Version { comments, name, procedures, number })
}

fn procedure() -> impl Strategy<Value = Procedure> {
    let result = prop_oneof![
        simple().prop_map(|specifier| of(specifier, Shape::One)),
        variable().prop_map(|shape| of(Specifier::String, shape)),
    ];
    let parts = (comments(), name(), option::of(result), vec(argument(), 0..3), value());
    parts.prop_map(|(comments, name, result, arguments, number)| Procedure {
        comments,
        name,
        result,
        arguments,
        number,
    })
}

fn argument() -> impl Strategy<Value = Argument> {
    let pointer = prop_oneof![Just(Shape::One), Just(Shape::Optional)];
    let type_ = prop_oneof![
        (simple(), pointer).prop_map(|(specifier, shape)| of(specifier, shape)),
        variable().prop_map(|shape| of(Specifier::String, shape)),
    ];
    (option::of(name()), type_).prop_map(|(name, type_)| Argument { name, type_ })
}
