//! Whether the questions hold every word of every filter and order that the schema has.

use super::case::Case;
use super::world::{Dice, World};
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, InputObjectType, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tomos::graphql::Api;

type Inputs = BTreeMap<String, InputObjectType>;
type Enums = BTreeMap<String, Vec<String>>;

fn types() -> (Inputs, Enums) {
    let (mut inputs, mut enums) = (Inputs::new(), Enums::new());
    for definition in parse_schema(Api::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let TypeDefinition { name, kind, .. } = definition.node;
        match kind {
            TypeKind::InputObject(input) => drop(inputs.insert(name.node.to_string(), input)),
            TypeKind::Enum(it) => {
                let values = it.values.into_iter().map(|it| it.node.value.node.to_string());
                enums.insert(name.node.to_string(), values.collect());
            }
            _ => {}
        }
    }
    (inputs, enums)
}

fn name_of(kind: &Type) -> &str {
    match &kind.base {
        BaseType::Named(name) => name,
        BaseType::List(inside) => name_of(inside),
    }
}

/// Every word that can be said in a value of this type.
fn words(kind: &str, inputs: &Inputs, enums: &Enums, found: &mut BTreeSet<String>) {
    for value in enums.get(kind).into_iter().flatten() {
        found.insert(format!("{kind} {value}"));
    }
    let Some(input) = inputs.get(kind) else { return };
    for field in &input.fields {
        if found.insert(format!("{kind} {}", field.node.name.node)) {
            words(name_of(&field.node.ty.node), inputs, enums, found);
        }
    }
}

/// The words that a value of this type says, and how deep it nests the filters of records.
fn said(kind: &str, value: &Value, inputs: &Inputs, found: &mut BTreeSet<String>) -> usize {
    match value {
        Value::Array(items) => {
            items.iter().map(|item| said(kind, item, inputs, found)).max().unwrap_or(0)
        }
        Value::Object(fields) => {
            let input = &inputs[kind];
            let level = usize::from(["TaskFilter", "ProjectFilter", "TagFilter"].contains(&kind));
            let inside = fields.iter().map(|(name, value)| {
                found.insert(format!("{kind} {name}"));
                let mut known = input.fields.iter();
                let field = known.find(|field| field.node.name.node == name.as_str()).unwrap();
                said(name_of(&field.node.ty.node), value, inputs, found)
            });
            level + inside.max().unwrap_or(0)
        }
        Value::String(text) => {
            found.insert(format!("{kind} {text}"));
            0
        }
        _ => 0,
    }
}

#[test]
fn the_questions_hold_every_word_of_the_filters_and_orders() {
    let (inputs, enums) = types();
    let mut wanted = BTreeSet::new();
    for kind in ["Task", "Project", "Tag"] {
        words(&format!("{kind}Filter"), &inputs, &enums, &mut wanted);
        words(&format!("{kind}Order"), &inputs, &enums, &mut wanted);
    }
    // How well a record matches is the database's to say; a test of its own reads pages in that order.
    assert!(wanted.remove("TaskOrder relevance"));
    let world = World::new(&mut Dice(1));
    let (mut found, mut deepest) = (BTreeSet::new(), 0);
    for seed in 0..5_000 {
        let case = Case::roll(&world, &mut Dice(seed));
        let kind = case.list.kind();
        let depth = said(&format!("{kind}Filter"), &case.filter, &inputs, &mut found);
        said(&format!("{kind}Order"), &case.orders, &inputs, &mut found);
        deepest = deepest.max(depth);
    }
    let missing: Vec<_> = wanted.difference(&found).collect();
    assert!(missing.is_empty(), "the oracle's questions never say {missing:?}");
    assert_eq!(deepest, 8, "levels of filters");
}
