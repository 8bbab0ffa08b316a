//! What is read of a document before it is executed.

use crate::error::{Error, Result};
use crate::viewer::{Scope, Viewer};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
    SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Request, Value};
use std::collections::HashSet;

/// Refuses what the viewer may not do, and puts in the defaults of variables that were left out:
/// async-graphql asks only the request's own variables at `@include` and `@skip`. Returns the response's
/// keys in their order.
pub(super) fn prepare(request: &mut Request, viewer: &Viewer) -> Result<Vec<Name>> {
    let name = request.operation_name.clone();
    let given = request.variables.clone();
    let document = request.parsed_query().map_err(|error| Error::bad_request(error.message))?;
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
    let mut defaults = Vec::new();
    for variable in &operation.variable_definitions {
        let VariableDefinition { name, var_type, default_value, .. } = &variable.node;
        if let Some(default) = default_value {
            defaults.push((name.node.clone(), default.node.clone()));
        } else if !var_type.node.nullable && !given.contains_key(&name.node) {
            let message =
                format!("the variable ${} of type {} is needed", name.node, var_type.node);
            return Err(Error::ValidationFailed(message));
        }
    }
    let mut keys = Keys::default();
    keys.add(&operation.selection_set.node, document);
    let keys = keys.found;
    for (name, default) in defaults {
        request.variables.entry(name).or_insert(default);
    }
    Ok(keys)
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

/// The response's keys, in the order in which the document asks for them.
#[derive(Default)]
struct Keys<'a> {
    found: Vec<Name>,
    /// A fragment counts where it is spread first; one may be spread in circles, for nothing was
    /// validated yet.
    spread: HashSet<&'a Name>,
}

impl<'a> Keys<'a> {
    fn add(&mut self, set: &'a SelectionSet, document: &'a ExecutableDocument) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.found.push(field.node.response_key().node.clone());
                }
                Selection::InlineFragment(fragment) => {
                    self.add(&fragment.node.selection_set.node, document);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name)
                        && self.spread.insert(name)
                    {
                        self.add(&fragment.node.selection_set.node, document);
                    }
                }
            }
        }
    }
}

/// Puts root fields in the order in which they were asked for; async-graphql answers them in the order
/// in which they were ready.
pub(super) fn order(data: &mut Value, keys: &[Name]) {
    if let Value::Object(fields) = data {
        let place = |name: &Name| keys.iter().position(|key| key == name);
        fields.sort_by_cached_key(|name, _| place(name));
    }
}
