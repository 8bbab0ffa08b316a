//! What is read of a document before it is executed.

mod malformed;
mod omitted;
mod size;

use crate::error::{Error, Result};
use crate::query::input::Inputs;
use crate::viewer::{Scope, Viewer};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
    SelectionSet, ServiceDocument, TypeKind, TypeSystemDefinition, VariableDefinition,
};
use async_graphql::{Name, PathSegment, Request, Response, ServerError, Value};
use std::collections::HashSet;

/// Refuses what is too large, what the viewer may not do and scalars that cannot be right, and puts in the defaults of variables
/// that were left out: async-graphql asks only the request's own variables at `@include` and `@skip`. Where
/// there is no default either, fields of input objects are left out too. Returns the root fields in their order.
pub(super) fn prepare(
    request: &mut Request,
    viewer: &Viewer,
    inputs: &Inputs,
) -> Result<Vec<Root>> {
    let name = request.operation_name.clone();
    let given = request.variables.clone();
    let document = parsed(request)?;
    size::refuse(document, &given)?;
    let Some(operation) = operation(&document.operations, name.as_deref()) else {
        return Ok(Vec::new()); // async-graphql says what is wrong with the name.
    };
    let wanted = match operation.ty {
        OperationType::Mutation => Scope::Write,
        OperationType::Query | OperationType::Subscription => Scope::Read,
    };
    if !viewer.scopes.contains(&wanted) {
        return Err(Error::Forbidden(format!("this token has no {wanted:?} scope")));
    }
    if operation.ty == OperationType::Subscription {
        one_field(&operation.selection_set.node)?;
    }
    let mut variables = given.clone();
    for variable in &operation.variable_definitions {
        let VariableDefinition { name, var_type, default_value, .. } = &variable.node;
        if let Some(default) = default_value {
            variables.entry(name.node.clone()).or_insert_with(|| default.node.clone());
        } else if !var_type.node.nullable && !given.contains_key(&name.node) {
            let message =
                format!("the variable ${} of type {} is needed", name.node, var_type.node);
            return Err(Error::ValidationFailed(message));
        }
    }
    malformed::refuse(operation, document, &variables, inputs)?;
    let omitted = omitted::of(operation, |name| given.contains_key(name));
    let mut found = Vec::new();
    roots(&operation.selection_set.node, document, &mut found);
    if operation.ty == OperationType::Mutation && repeat(&found) {
        // It would be done twice: async-graphql merges only what is answered.
        let message = "a mutation names each field once: a second one needs an alias";
        return Err(Error::ValidationFailed(message.to_owned()));
    }
    if !omitted.is_empty() {
        let mut document = document.clone();
        omitted::leave_out(&mut document, &omitted);
        request.set_parsed_query(document);
    }
    request.variables = variables;
    Ok(found)
}

/// The document of a request.
pub(crate) fn parsed(request: &mut Request) -> Result<&ExecutableDocument> {
    size::refuse_text(&request.query)?;
    request.parsed_query().map_err(|error| Error::bad_request(error.message))
}

/// Refuses a subscription that is not to one thing; async-graphql would overlook what it cannot follow.
fn one_field(set: &SelectionSet) -> Result<()> {
    match set.items.as_slice() {
        [item] => match &item.node {
            Selection::Field(field)
                if field.node.directives.is_empty() && !field.node.name.node.starts_with("__") =>
            {
                Ok(())
            }
            _ => Err(Error::ValidationFailed(
                "a subscription names its one field itself, without fragments and directives"
                    .to_owned(),
            )),
        },
        _ => Err(Error::ValidationFailed("a subscription has exactly one field".to_owned())),
    }
}

/// The operation of this name, or the only one.
pub(crate) fn operation<'a>(
    operations: &'a DocumentOperations,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(only), _) => Some(&only.node),
        (DocumentOperations::Multiple(many), Some(name)) => many.get(name).map(|it| &it.node),
        (DocumentOperations::Multiple(many), None) if many.len() == 1 => {
            many.values().next().map(|it| &it.node)
        }
        (DocumentOperations::Multiple(_), None) => None,
    }
}

/// A field of the operation itself.
#[derive(Debug)]
pub(super) struct Root {
    /// Its key in the response.
    key: Name,
    /// Its name in the schema.
    name: Name,
}

/// The root fields, in the order in which the document asks for them.
fn roots(set: &SelectionSet, document: &ExecutableDocument, found: &mut Vec<Root>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                let key = field.node.response_key().node.clone();
                found.push(Root { key, name: field.node.name.node.clone() });
            }
            Selection::InlineFragment(fragment) => {
                roots(&fragment.node.selection_set.node, document, found);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    roots(&fragment.node.selection_set.node, document, found);
                }
            }
        }
    }
}

/// Whether a field comes twice under one key.
fn repeat(roots: &[Root]) -> bool {
    let mut met = HashSet::new();
    !roots.iter().all(|root| met.insert(&root.key))
}

/// The root fields that may be null.
#[derive(Debug)]
pub(super) struct Nullable(HashSet<Name>);

impl Nullable {
    /// Those of a schema.
    pub(super) fn of(schema: &ServiceDocument) -> Self {
        let roots = ["Query", "Mutation"];
        let fields = schema.definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(found) => match &found.node.kind {
                TypeKind::Object(object) if roots.contains(&found.node.name.node.as_str()) => {
                    Some(&object.fields)
                }
                _ => None,
            },
            _ => None,
        });
        let nullable = fields.flatten().filter(|field| field.node.ty.node.nullable);
        Self(nullable.map(|field| field.node.name.node.clone()).collect())
    }

    /// Makes the data of a response what its type says, with its root fields in the order in which they
    /// were asked for: async-graphql leaves failed fields out, and gives the others as they were ready.
    ///
    /// A field that failed anywhere inside is null as a whole, or, where it may not be, all data is. Where
    /// everything failed by a fault of the service, there is no data at all.
    pub(super) fn complete(&self, response: &mut Response, roots: &[Root]) {
        let failed: HashSet<_> = response.errors.iter().filter_map(root_of).cloned().collect();
        let fields = match &mut response.data {
            Value::Object(fields) => fields,
            data => {
                let faults = response.errors.iter().all(super::respond::is_fault);
                if failed.is_empty() || faults {
                    return;
                }
                *data = Value::Object(IndexMap::new());
                return self.complete(response, roots);
            }
        };
        for root in roots.iter().filter(|root| failed.contains(root.key.as_str())) {
            if !self.0.contains(&root.name) {
                response.data = Value::Null;
                return;
            }
            fields.insert(root.key.clone(), Value::Null);
        }
        let place = |name: &Name| roots.iter().position(|root| root.key == *name);
        fields.sort_by_cached_key(|name, _| place(name));
    }
}

/// The key of the root field in which an error was.
fn root_of(error: &ServerError) -> Option<&String> {
    match error.path.first()? {
        PathSegment::Field(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_schema;
    use async_graphql::{Pos, value};

    /// The data of a response in which the field `a` failed, a plain field `b` did not.
    fn completed(sdl: &str, data: Value) -> Value {
        let mut error = ServerError::new("no", Some(Pos::default()));
        error.path = vec![PathSegment::Field("a".to_owned()), PathSegment::Index(0)];
        let mut response = Response::new(data);
        response.errors = vec![error];
        let root =
            |key: &str| Root { key: Name::new(key), name: Name::new(format!("field_{key}")) };
        Nullable::of(&parse_schema(sdl).unwrap()).complete(&mut response, &[root("a"), root("b")]);
        response.data
    }

    #[test]
    fn a_field_that_failed_is_null_or_takes_all_data_with_it() {
        let sure = "type Query { field_a: [Int]! field_b: Int! }";
        let nullable = "type Query { field_a: [Int!] field_b: Int! }";
        assert_eq!(completed(sure, value!({"b": 1})), Value::Null);
        assert_eq!(completed(sure, value!({"b": 1, "a": [1]})), Value::Null);
        assert_eq!(completed(nullable, value!({"b": 1})), value!({"a": null, "b": 1}));
        assert_eq!(completed(nullable, value!({"b": 1, "a": [1]})), value!({"a": null, "b": 1}));
        assert_eq!(completed(nullable, Value::Null), value!({"a": null}));
    }
}
