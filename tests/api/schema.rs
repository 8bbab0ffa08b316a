//! The schema: it is written down, every word in it is described, and it is a part of the goal.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, ServiceDocument, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use std::collections::BTreeMap;
use tomos::graphql::Api;

#[test]
fn schema_graphql_is_what_the_program_prints() {
    let written = std::fs::read_to_string("schema.graphql").unwrap_or_default();
    assert!(
        written == Api::sdl(),
        "schema.graphql is stale: run `cargo run -- schema > schema.graphql`"
    );
}

/// Every name of a schema with its type: `Task.title` → `String!`, `Query.task(id)` → `ID!`.
type Names = BTreeMap<String, String>;

fn names(sdl: &str) -> Names {
    let ServiceDocument { definitions } = parse_schema(sdl).unwrap();
    let mut names = Names::new();
    for definition in definitions {
        if let TypeSystemDefinition::Type(definition) = definition {
            add_type(&mut names, &definition.node);
        }
    }
    names
}

fn add_type(names: &mut Names, definition: &TypeDefinition) {
    let name = &definition.name.node;
    let mut kind = |kind: &str| drop(names.insert(name.to_string(), kind.to_owned()));
    match &definition.kind {
        TypeKind::Scalar => kind("scalar"),
        TypeKind::Union(_) => kind("union"),
        TypeKind::Enum(values) => {
            kind("enum");
            for value in &values.values {
                names.insert(format!("{name}.{}", value.node.value.node), "value".to_owned());
            }
        }
        TypeKind::InputObject(input) => {
            let one_of = definition.directives.iter().any(|it| it.node.name.node == "oneOf");
            kind(if one_of { "input @oneOf" } else { "input" });
            for field in &input.fields {
                add_input(names, &format!("{name}.{}", field.node.name.node), &field.node);
            }
        }
        TypeKind::Object(object) => {
            kind("type");
            for interface in &object.implements {
                names.insert(format!("{name} implements {}", interface.node), String::new());
            }
            object.fields.iter().for_each(|field| add_field(names, name, &field.node));
        }
        TypeKind::Interface(interface) => {
            kind("interface");
            interface.fields.iter().for_each(|field| add_field(names, name, &field.node));
        }
    }
}

fn add_field(names: &mut Names, owner: &str, field: &FieldDefinition) {
    let name = format!("{owner}.{}", field.name.node);
    names.insert(name.clone(), field.ty.node.to_string());
    for argument in &field.arguments {
        add_input(names, &format!("{name}({})", argument.node.name.node), &argument.node);
    }
}

fn add_input(names: &mut Names, name: &str, input: &InputValueDefinition) {
    let default = input.default_value.as_ref().map(|value| format!(" = {}", value.node));
    names.insert(name.to_owned(), format!("{}{}", input.ty.node, default.unwrap_or_default()));
}

#[test]
fn the_schema_is_a_part_of_the_goal() {
    let goal = names(include_str!("../fixtures/schema-goal.graphql"));
    let beyond: Vec<_> = names(&Api::sdl())
        .into_iter()
        .filter(|(name, meaning)| goal.get(name) != Some(meaning))
        .map(|(name, meaning)| format!("{name}: {meaning}, wanted {:?}", goal.get(&name)))
        .collect();
    assert!(beyond.is_empty(), "not in the goal:\n{}", beyond.join("\n"));
}

#[test]
fn every_word_of_the_schema_is_described() {
    let ServiceDocument { definitions } = parse_schema(Api::sdl()).unwrap();
    let mut bare = Vec::new();
    for definition in definitions {
        if let TypeSystemDefinition::Type(definition) = definition {
            let TypeDefinition { name, description, kind, .. } = definition.node;
            let mut check = |path: String, described: bool| {
                if !described {
                    bare.push(path);
                }
            };
            check(name.node.to_string(), description.is_some());
            match kind {
                TypeKind::Enum(values) => values.values.iter().for_each(|value| {
                    let path = format!("{}.{}", name.node, value.node.value.node);
                    check(path, value.node.description.is_some());
                }),
                TypeKind::InputObject(input) => input.fields.iter().for_each(|field| {
                    let path = format!("{}.{}", name.node, field.node.name.node);
                    check(path, field.node.description.is_some());
                }),
                TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
                | TypeKind::Interface(async_graphql::parser::types::InterfaceType {
                    fields, ..
                }) => fields.iter().for_each(|field| {
                    let path = format!("{}.{}", name.node, field.node.name.node);
                    check(path.clone(), field.node.description.is_some());
                    for argument in &field.node.arguments {
                        let path = format!("{path}({})", argument.node.name.node);
                        check(path, argument.node.description.is_some());
                    }
                }),
                _ => {}
            }
        }
    }
    assert!(bare.is_empty(), "without a description:\n{}", bare.join("\n"));
}
